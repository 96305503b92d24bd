/** What is on record of one attempt at a migration, which ends when everybody is taken back. */
import type { RolloutState } from './rollout.js'

/** An item that somebody vouches for. */
export interface Signature {
  /** Base URL. */
  readonly server: string
  readonly item: string
  readonly by: string
  /** Wall-clock time, ISO 8601. */
  readonly at: string
  readonly note: string
}

/** A copy of the server's environment file. */
export interface Backup {
  readonly path: string
  /** Wall-clock time, ISO 8601. */
  readonly at: string
}

/** Everything that is on record, of every server. */
export interface AllRecords {
  /** Oldest first. */
  readonly runs: readonly RolloutState[]
  /** Of the server's environment file. */
  readonly backups: readonly Backup[]
  /** Oldest first. */
  readonly signatures: readonly Signature[]
}

/**
 * What there is to prove items with: the records of one attempt at a migration. An attempt ends when
 * everybody is taken back, and what was proven before says nothing about the next one.
 */
export interface AttemptRecords extends AllRecords {
  /** When everybody was last taken back before it, ISO 8601; null: never. */
  readonly since: string | null
  /** Runs besides those of the attempt, on any server. */
  readonly others: readonly RolloutState[]
}

/**
 * The records of the attempt that a run belongs to, up to that run; without a run, of the present attempt
 * on a server.
 */
export function attemptRecords(all: AllRecords, server: string, run: RolloutState | null = null): AttemptRecords {
  const at = run === null ? all.runs.length : all.runs.findIndex(({ plan }) => plan.id === run.plan.id)
  const before = all.runs.slice(0, Math.max(0, at))
  const own = before.filter(({ plan }) => plan.server === server)
  const last = own.findLastIndex(tookEverybodyBack)
  const since = own[last]?.endedAt ?? null
  const runs = own.slice(last + 1)
  const next = all.runs.slice(at + 1).find((later) => later.plan.server === server && tookEverybodyBack(later))
  const isWithin = (time: string): boolean =>
    (since === null || time > since) && (next?.endedAt == null || time < next.endedAt)
  return {
    since,
    runs: run === null ? runs : [...runs, run],
    others: before.filter((other) => !runs.includes(other)),
    // A copy that was made after the run is none to go back to from it.
    backups: all.backups.filter(({ at }) => isWithin(at) && (run?.endedAt == null || at <= run.endedAt)),
    signatures: all.signatures.filter((signature) => signature.server === server && isWithin(signature.at)),
  }
}

/** Whether a run that found users on the unified system, or put some there, ended with everybody on legacy. */
export function tookEverybodyBack({ phase, plan, said }: RolloutState): boolean {
  if (phase.name !== 'finished' || said?.mode !== 'disabled') return false
  const wasElsewhere = plan.before?.mode !== 'disabled'
  return wasElsewhere || plan.steps.some(({ target }) => target !== null && target.mode !== 'disabled')
}
