import assert from 'node:assert/strict'
import { CONDITION_FORMS, parseCondition } from '../../../src/lib/core/condition.js'
import { WsctlError } from '../../../src/lib/core/error.js'
import type { Settings } from '../../../src/lib/core/server.js'
import { serverStatus } from '../../support/events.js'

function holds(typed: string, settings: Partial<Settings>, open = { legacy: 12, unified: 3 } as const): boolean {
  return parseCondition(typed).holds({ status: serverStatus(settings, { open }), health: 'healthy' })
}

describe('a condition to wait for', () => {
  it('compares the mode, the share of users, the health and the open connections', () => {
    const half = { mode: 'gradual', percentage: 50 } as const
    for (const typed of [
      'mode=gradual',
      'mode!=full',
      'percentage=50',
      'percentage>=50',
      'percentage<=50',
      'percentage>49',
      'percentage<51',
      'percentage!=49',
      'health=healthy',
      'health!=degraded',
      'unified-open=3',
      'legacy-open>0',
    ])
      assert.equal(holds(typed, half), true, typed)
    for (const typed of [
      'mode=full',
      'mode!=gradual',
      'percentage>50',
      'percentage<50',
      'percentage!=50',
      'unified-open=0',
    ])
      assert.equal(holds(typed, half), false, typed)
  })

  it('takes spaces, capitals and a sign', () => {
    assert.equal(holds(' Mode = FULL ', { mode: 'full', percentage: 100 }), true)
    assert.equal(holds('percentage >= 50 %', { mode: 'gradual', percentage: 50 }), true)
  })

  it('counts no percentage that is left over while nobody is sent to unified', () => {
    const leftOver = { mode: 'disabled', percentage: 50 } as const
    assert.equal(holds('percentage>=50', leftOver), false)
    assert.equal(holds('percentage=0', leftOver), true)
    assert.equal(holds('percentage=100', { mode: 'full', percentage: 20 }), true)
  })

  it('counts a system that was never used as one without connections', () => {
    const status = serverStatus({}, { open: { legacy: 12, unified: null } })
    assert.equal(parseCondition('unified-open=0').holds({ status, health: 'healthy' }), true)
  })

  it('refuses anything else with one error that lists every form', () => {
    for (const typed of [
      '',
      'full',
      'mode',
      'mode=',
      'mode=on',
      'mode>gradual',
      'mode==full',
      'percentage',
      'percentage=',
      'percentage=101',
      'percentage=-1',
      'percentage=5.5',
      'percentage=half',
      'percentage=>50',
      'health=ok',
      'phase=full',
      'constructor=1',
      'toString',
      'unified-open=many',
      'mode=full,health=healthy',
    ])
      assert.throws(
        () => parseCondition(typed),
        (error) => {
          assert.ok(error instanceof WsctlError, typed)
          assert.equal(error.exitCode, 2)
          for (const form of CONDITION_FORMS) assert.ok(error.message.includes(form), typed)
          return true
        },
      )
  })

  it('says what the shell did when all that arrives is a name', () => {
    assert.throws(() => parseCondition('percentage'), /has to be quoted: 'percentage>=50'/)
  })
})
