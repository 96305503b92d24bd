import type { FailureKind } from '../core/error.js'
import { MODES } from '../core/server.js'
import type { Call } from './server-address.js'
import { expiryOf } from './token.js'

const NEW_TOKEN =
  'give a new one: WSCTL_TOKEN, --token-file FILE, or --token-command COMMAND, which is run again when one expires'
const NOT_ADMIN = 'the account of this token is not an admin, or is disabled: use the token of an admin'
const FIRST_TOKEN = 'no token was given: set WSCTL_TOKEN, or use --token-file FILE or --token-command COMMAND'

/** What an operator can do about an answer, most useful first. */
export function adviceFor(
  kind: FailureKind,
  status: number,
  { call, token, now }: { readonly call: Call; readonly token: string | null; readonly now: Date },
): readonly string[] {
  switch (kind) {
    case 'unauthorized':
      return token === null ? [FIRST_TOKEN] : [aboutToken(token, now), NEW_TOKEN]
    case 'forbidden':
      return [token === null ? FIRST_TOKEN : NOT_ADMIN]
    case 'not-found':
      return call.api === 'stats'
        ? [`the counters may be elsewhere: --stats-path ${otherThan(call, STATS_PATHS)} (or WSCTL_STATS_PATH)`]
        : [
            `the admin API may be elsewhere: --admin-path ${otherThan(call, ADMIN_PATHS)} (or WSCTL_ADMIN_PATH)`,
            'the server says the same when the user of the token has been deleted: try the token of another admin',
          ]
    case 'rate-limited':
      return ['the server takes about 100 requests a minute: wait, or raise --poll-interval']
    case 'rejected':
      return []
    case 'server-error':
      return status === 500
        ? adviceForFault(call)
        : ['a proxy answered, or the server is going down: is the server behind it running?']
    case 'invalid-answer':
      return [
        'is it the server itself, not a proxy or another service? --server URL (or WSCTL_SERVER)',
        call.api === 'stats' ? 'is it the right path? --stats-path PATH' : 'is it the right path? --admin-path PATH',
        `see for yourself: curl -i '${call.url.href}'`,
      ]
    case 'unreachable':
    case 'timeout':
      throw new RangeError(`${kind} is not the kind of an answer`)
  }
}

/** Where installations mount the two (contract of the admin API, its endpoints). */
const ADMIN_PATHS = ['/api/websocket-admin', '/api/admin/websocket-admin']
const STATS_PATHS = ['/api/websocket/stats', '/api/websocket/ws/stats']

/** The usual path that was not tried. */
function otherThan({ url }: Call, paths: readonly string[]): string {
  return paths.findLast((path) => !url.pathname.startsWith(path)) ?? 'PATH'
}

function aboutToken(token: string, now: Date): string {
  const expiry = expiryOf(token)
  return expiry !== null && expiry <= now
    ? `the token expired at ${expiry.toISOString()}`
    : 'the token is wrong, expired, or of another server'
}

/** Two known ways to a 500: contract of the admin API, fact 2, and its section on the environment file. */
function adviceForFault(call: Call): readonly string[] {
  return call.method === 'POST'
    ? ['it may have worked all the same: wsctl status']
    : [`look into the server's log; a WEBSOCKET_MIGRATION_MODE other than ${MODES.join(', ')} does this`]
}
