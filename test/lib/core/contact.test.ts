import assert from 'node:assert/strict'
import { describeLastSeen } from '../../../src/lib/core/contact.js'
import type { CallFailure } from '../../../src/lib/core/error.js'
import type { EventBody } from '../../../src/lib/core/event.js'
import { failure, serverStatus, Story } from '../../support/events.js'
import { emergency, from, gradual } from '../../support/rollouts.js'

const SILENT: CallFailure = { kind: 'unreachable', status: null, message: 'ECONNREFUSED' }
const STARTED: EventBody = { type: 'rollback-started', cause: 'breach', reason: 'errors' }

const called = (failed: CallFailure | null): EventBody => ({
  type: 'rollback-called',
  call: 'emergency-rollback',
  attempt: 1,
  failure: failed,
})
const read = (mode: 'disabled' | 'gradual' | 'full' | 'testing', percentage: number): EventBody => ({
  type: 'rollback-read',
  status: serverStatus({ mode, percentage }),
  failure: null,
})
const unread = (failed: CallFailure): EventBody => ({ type: 'rollback-read', status: null, failure: failed })

/** A second passes before each event; the run begins at 09:00:00. */
function lastSeen(...events: readonly EventBody[]): string {
  return describeLastSeen(new Story(gradual()).then(STARTED, ...events).state)
}

describe('what is known of a server that was not seen to be back', () => {
  it('is what it showed last, when that was, what it means, and that nobody reached it since', () => {
    assert.equal(
      lastSeen(read('gradual', 20), called(SILENT), unread(SILENT), unread(SILENT)),
      'The last reading showed mode gradual at 20 % at 09:00:02Z (3s ago), so about 20 % of new connections may still ' +
        'go to the unified system. The server was not reached since: 3 calls without an answer.',
    )
  })

  it('tells of a write that was accepted since, which may have worked', () => {
    assert.match(
      lastSeen(read('full', 100), called(null), unread(SILENT)),
      /so all new connections but .* The server was reached since, last at 09:00:03Z \(1s ago\), with 1 call without an answer, and accepted a write, which may have worked/,
    )
  })

  it('tells of a server that answers, and says nothing that can be read', () => {
    assert.match(
      lastSeen(read('gradual', 20), called(failure('500')), unread(failure('500'))),
      /The server was reached since, last at 09:00:04Z \(0s ago\), but gave no valid reading\.$/,
    )
  })

  it('says why a server that says disabled is not believed', () => {
    assert.match(
      lastSeen(read('disabled', 20)),
      /mode disabled at 20 % at .*, but not 6 times in a row, .*may still go to the unified system\. It was not asked again\.$/,
    )
  })

  it('is the reading before the run where none was made in it', () => {
    const plan = gradual({ initialPercentage: 35 }, from('gradual', 30))
    assert.match(
      describeLastSeen(new Story(plan).then(STARTED, called(SILENT)).state),
      /^The last reading showed mode gradual at 30 % at 09:00:00Z \(2s ago\)/,
    )
  })

  it('says so where the server was never read', () => {
    assert.equal(
      describeLastSeen(new Story(emergency()).then(STARTED, called(SILENT)).state),
      'The server was never read, so it is not known how many users are on it. The server was not reached: 1 call without an answer.',
    )
  })
})
