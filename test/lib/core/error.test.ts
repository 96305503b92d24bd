import assert from 'node:assert/strict'
import { CallError, FAILURE_KINDS, isRefusedToken, usageError, WsctlError } from '../../../src/lib/core/error.js'

describe('an error for an operator', () => {
  it('ends the command as its outcome says, and holds no advice unless there is some', () => {
    const error = new WsctlError('unknown-pins', 'two lists are not known', { outcome: 'refused' })
    assert.deepEqual([error.name, error.code, error.exitCode], ['WsctlError', 'unknown-pins', 13])
    assert.deepEqual(error.suggestions, [])
    assert.equal('cause' in error, false)
  })

  it('keeps what caused it, even when that is nothing much', () => {
    const cause = new Error('EACCES')
    assert.equal(new WsctlError('env-file', 'unreadable', { outcome: 'usage', cause }).cause, cause)
    assert.equal(new WsctlError('env-file', 'unreadable', { outcome: 'usage', cause: null }).cause, null)
  })

  it('is exit code 2 with advice when something was typed wrong', () => {
    const error = usageError('--step-size 0 is no step', 'give a --step-size from 1 to 100')
    assert.equal(error.exitCode, 2)
    assert.deepEqual(error.suggestions, ['give a --step-size from 1 to 100'])
  })
})

describe('a call that failed', () => {
  const failure = { kind: 'timeout', status: null, message: 'no answer within 10 s' } as const

  it('ends a command that was only that call as unreachable, under the name of the failure', () => {
    const error = new CallError(failure, { suggestions: ['wsctl health'] })
    assert.deepEqual([error.name, error.code, error.exitCode], ['CallError', 'timeout', 14])
    assert.equal(error.message, 'no answer within 10 s')
    assert.equal(error.failure, failure)
    assert.deepEqual(error.suggestions, ['wsctl health'])
    assert.deepEqual(new CallError(failure).suggestions, [])
  })

  it('is down to the token only when the server refused it', () => {
    const refused = FAILURE_KINDS.filter((kind) => isRefusedToken({ ...failure, kind }))
    assert.deepEqual(refused, ['unauthorized', 'forbidden'])
  })
})
