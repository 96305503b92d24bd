import assert from 'node:assert/strict'
import { diagnose } from '../../../src/lib/core/processes.js'
import type { Counters, ServerStatus, Settings } from '../../../src/lib/core/server.js'
import { serverStatus } from '../../support/events.js'

const known: Counters = { legacy: 100, unified: 0, errors: 0, fallbacks: 0 }
const AT_20: Partial<Settings> = { mode: 'gradual', percentage: 20 }

function counting(...legacy: readonly number[]): readonly ServerStatus[] {
  return legacy.map((count) => serverStatus(AT_20, { counters: { ...known, legacy: count } }))
}

function showing(...settings: readonly Partial<Settings>[]): readonly ServerStatus[] {
  return settings.map((change) => serverStatus({ ...AT_20, ...change }, { counters: known }))
}

describe('readings that do not fit what was known', () => {
  it('are a restart when counters fell and grow again from there', () => {
    assert.equal(diagnose(known, counting(0, 0, 1, 1, 2, 5)), 'restarted')
  })

  it('are a restart whatever settings the new process came up with', () => {
    const fresh = counting(3, 3, 3, 4, 4, 4).map((reading) => ({ ...reading, settings: serverStatus().settings }))
    assert.equal(diagnose(known, fresh), 'restarted')
  })

  const changes: readonly Partial<Settings>[] = [
    { mode: 'disabled' },
    { percentage: 35 },
    { legacyFallback: false },
    { explicitRolloutUsers: 1 },
    { forcedLegacyUsers: 1 },
  ]
  for (const change of changes) {
    it(`are somebody else's change when ${Object.keys(change).join()} stays different`, () => {
      assert.equal(diagnose(known, showing(change, change, change, change, change, change)), 'foreign-change')
    })

    it(`are several processes when ${Object.keys(change).join()} comes and goes`, () => {
      assert.equal(diagnose(known, showing(change, {}, change, {}, {}, change)), 'several-processes')
    })
  }

  it('are several processes when a counter falls more than once', () => {
    assert.equal(diagnose(known, counting(3, 101, 4, 102, 5, 103)), 'several-processes')
  })

  it('are several processes when counters stand again where they had been before they fell', () => {
    assert.equal(diagnose(known, counting(3, 3, 3, 101, 101, 102)), 'several-processes')
  })

  it('are a restart of a busy server, whose counters pass where they had been step by step', () => {
    assert.equal(diagnose(known, counting(30, 60, 90, 120, 150, 180)), 'restarted')
  })

  it('are a restart when so little had been counted that its size says nothing', () => {
    const little: Counters = { legacy: 19, unified: 0, errors: 0, fallbacks: 0 }
    assert.equal(diagnose(little, counting(2, 2, 25, 25, 25, 25)), 'restarted')
  })

  it('are of one process when only what the server reports of itself comes and goes', () => {
    const reports = showing({ cachedAssignments: 1 }, { cachedAssignments: 0 }, { unifiedEnabled: true })
    assert.equal(diagnose({ ...known, legacy: 101 }, reports), 'restarted')
  })
})
