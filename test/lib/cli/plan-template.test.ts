import assert from 'node:assert/strict'
import { schemaLines } from '../../../src/lib/cli/plan-template.js'

const MARK = '# yaml-language-server: $schema='

describe('the schema that a new plan file names', () => {
  it('is relative where wsctl is installed for its folder, so that the file can be shared', () => {
    const schema = '/srv/app/node_modules/wsctl/docs/schemas/plan.json'
    assert.equal(schemaLines('/srv/app/p.yaml', schema), `${MARK}./node_modules/wsctl/docs/schemas/plan.json`)
    assert.equal(
      schemaLines('/srv/app/ops/winter/p.yaml', schema),
      `${MARK}../../node_modules/wsctl/docs/schemas/plan.json`,
    )
    const below = schemaLines('/srv/p.yaml', '/srv/my tools/wsctl/docs/schemas/plan.json')
    assert.equal(below, `${MARK}./my%20tools/wsctl/docs/schemas/plan.json`)
  })

  it('is that of this machine elsewhere, and the file says so and what to do about it', () => {
    for (const schema of [
      '/usr/lib/node_modules/wsctl/docs/schemas/plan.json',
      '/srv/application/node_modules/wsctl/docs/schemas/plan.json',
      '/opt/wsctl/docs/schemas/plan.json',
    ]) {
      const [mark, ...comment] = schemaLines('/srv/app/p.yaml', schema).split('\n')
      assert.equal(mark, `${MARK}file://${schema}`)
      assert.match(comment.join('\n'), /on this machine.*\n# wsctl plan schema > plan\.schema\.json$/)
    }
  })
})
