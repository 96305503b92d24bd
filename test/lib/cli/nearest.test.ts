import assert from 'node:assert/strict'
import { nearestName } from '../../../src/lib/cli/nearest.js'
import { loadCommands } from '../../support/commands.js'

describe('a mistyped command', () => {
  let names: readonly string[]
  before(async () => {
    names = [...(await loadCommands()).keys(), 'deploy', 'rollback', 'rollout', 'env']
  })

  for (const [typed, meant] of [
    ['stauts', 'status'],
    ['statsu', 'status'],
    ['statu', 'status'],
    ['staus', 'status'],
    ['stat', 'stats'],
    ['helath', 'health'],
    ['monitro', 'monitor'],
    ['histroy', 'history'],
    ['deploy gradul', 'deploy gradual'],
    ['depoly gradual', 'deploy gradual'],
    ['rollback emergancy', 'rollback emergency'],
    ['rolback', 'rollback'],
    ['preflihgt', 'preflight'],
    ['usr', 'user'],
  ] as const) {
    it(`such as ${typed} is taken for ${meant}`, () => {
      assert.equal(nearestName(typed, names), meant)
    })
  }

  for (const typed of ['nonsense', 'x', 'kubectl', 'rolluot frobnicate everything']) {
    it(`such as ${typed} is taken for nothing`, () => {
      assert.equal(nearestName(typed, names), null)
    })
  }
})
