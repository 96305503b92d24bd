import type { CallError, WsctlError } from './error.js'
import type { PinSources } from './pins.js'
import { isFleet, readingOf } from './fleet.js'
import { survey, type Survey } from './processes.js'
import type { RolloutPlan } from './rollout.js'
import type { ServerStatus, Settings } from './server.js'

/** One reading of the server over a connection of its own. */
export interface Reading {
  readonly status: ServerStatus
  /** Monotonic ms at which the answer was complete. */
  readonly atMs: number
  /** From sending the request to the end of the answer, ms. */
  readonly tookMs: number
}

/** Everything that was found out before a run, gathered by whoever may look. */
export interface PreflightFacts {
  /** What the run is to do. */
  readonly plan: RolloutPlan
  /** Why it cannot start from where the server is; null when it can. */
  readonly startRefusal: WsctlError | null
  /** Wall-clock ms. */
  readonly nowMs: number
  readonly paths: { readonly admin: string; readonly stats: string }
  /** Oldest first. */
  readonly readings: readonly Reading[]
  /** What ended the readings early; null when nothing did. */
  readonly readFailure: CallError | null
  /** Whether the admin path answers a request without a token; null when that was not asked. */
  readonly adminPathExists: boolean | null
  /** Null when none was given. */
  readonly token: TokenFacts | null
  /** Null when the path of the counters answered. */
  readonly statsFailure: CallError | null
  readonly health: { readonly status: 'healthy' | 'degraded'; readonly issues: readonly string[] } | CallError
  readonly pinSources: PinSources
  /** Of a fleet: whether servers that differ are made to agree first. */
  readonly converge?: boolean
  /** Null when none is managed. */
  readonly environmentFile: {
    readonly path: string
    /** Copies of it that are kept. */
    readonly backups: number
    /** Why it could not be changed; null when it could. */
    readonly problem: WsctlError | null
  } | null
  readonly records: { readonly folder: string; readonly problem: WsctlError | null }
  /** Who changes this server now; null when nobody does. */
  readonly lockHolder: LockHolder | null
}

export interface TokenFacts {
  /** Names where it comes from. */
  readonly origin: string
  /** Wall-clock ms by its own word; null when it does not say. */
  readonly expiresMs: number | null
  /** Whether another one can be had while the run lasts. */
  readonly renewable: boolean
}

interface LockHolder {
  readonly operator: string
  readonly command: string
  /** ISO 8601. */
  readonly since: string
}

/** The server's settings as they were read last; null when they never were. */
export function settingsOf({ readings }: Pick<PreflightFacts, 'readings'>): Settings | null {
  return readings.at(-1)?.status.settings ?? null
}

/** What readings say together, and of which server of a fleet that is. */
export interface SurveyResult {
  readonly survey: Survey
  /** Of the server that it is about, oldest first. */
  readonly statuses: readonly ServerStatus[]
  /** Null: it is one server, or all of them alike. */
  readonly server: string | null
}

/** What the readings say together; of a fleet, those of its most doubtful server. */
export function surveyOf(facts: Pick<PreflightFacts, 'readings'>): Survey {
  return surveyEach(facts).survey
}

/** As `surveyOf`, with the readings that say so. */
export function surveyEach({ readings }: Pick<PreflightFacts, 'readings'>): SurveyResult {
  const all = readings.map(({ status }) => status)
  const last = all.at(-1) ?? null
  if (!isFleet(last)) return { survey: survey(all), statuses: all, server: null }
  const each = last.members.map(({ server }): SurveyResult => {
    const statuses = all.flatMap((status) => (isFleet(status) ? (readingOf(status, server) ?? []) : []))
    return { survey: survey(statuses), statuses, server }
  })
  const [worst] = each.toSorted((a, b) => DOUBTS.indexOf(a.survey) - DOUBTS.indexOf(b.survey))
  if (worst === undefined) return { survey: 'too-few', statuses: [], server: null }
  return worst.survey === 'steady' || worst.survey === 'too-few' ? { ...worst, server: null } : worst
}

/** Worst first. */
const DOUBTS: readonly Survey[] = ['several-processes', 'doubtful', 'foreign-change', 'restarted', 'too-few', 'steady']
