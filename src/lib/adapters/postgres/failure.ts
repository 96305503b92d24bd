import { WsctlError } from '../../core/error.js'

/** Codes of PostgreSQL by which it refuses whoever asks. */
const REFUSALS: Readonly<Record<string, string>> = {
  '28P01': 'the password comes from the URL, from PGPASSWORD or from the file of PGPASSFILE (~/.pgpass)',
  '28000': 'may this user come from this machine? pg_hba.conf of the database says so',
  '3D000': 'name a database that there is, as the last part of the URL; to make it: createdb NAME',
  '42501': 'the rights that wsctl needs are in docs/shared-state.md',
}
const AT_ONCE = 'to take everybody back all the same: wsctl rollback emergency'

/**
 * What went wrong with the database, in an operator's words.
 *
 * @param place of the state, without a password
 */
export function stateFailure(error: unknown, place: string): WsctlError {
  if (error instanceof WsctlError && error.code !== 'disk-hangs') return error
  const code = codeOf(error)
  const refusal = REFUSALS[code] ?? (isWithoutPassword(error) ? REFUSALS['28P01'] : undefined)
  if (refusal !== undefined) {
    return new WsctlError('state-refused', `the shared state ${place} refused this user: ${reasonOf(error)}`, {
      outcome: 'usage',
      suggestions: [refusal, AT_ONCE],
      cause: error,
    })
  }
  return new WsctlError('state-unreachable', `the shared state ${place} cannot be used: ${reasonOf(error)}`, {
    outcome: 'usage',
    suggestions: [
      'is it running, and are host, port and sslmode of the URL right? It is named by --state (or WSCTL_STATE)',
      AT_ONCE,
    ],
    cause: error,
  })
}

/** Such as `28P01` of PostgreSQL, or `ECONNREFUSED` of the system; empty when there is none. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

function isWithoutPassword(error: unknown): boolean {
  return error instanceof Error && error.message.includes('password must be a')
}

function reasonOf(error: unknown): string {
  // A name with several addresses, none of which answered.
  const [first = error] = error instanceof AggregateError ? (error.errors as readonly unknown[]) : []
  return first instanceof Error ? first.message : String(first)
}
