import type { PreflightFacts } from './preflight-facts.js'
import type { RolloutState } from './rollout.js'
import type { Mode } from './server.js'
import type { WsctlError } from './error.js'

/** Everything that can be found wrong, gravest first. */
export const TROUBLES = [
  'rollback-unverified',
  'token-refused',
  'rate-limited',
  'no-answer',
  'several-processes',
  'unsteady',
  'errors',
  'fallbacks',
  'adoption',
  'unified-full',
  'unified-not-running',
  'left-run',
  'environment-file',
  'held',
  'rolled-back',
  'degraded',
  'fallback-off',
  'percentage-left',
  'short-connections',
  'no-traffic',
  'token-expires',
] as const
export type TroubleName = (typeof TROUBLES)[number]

/** A problem wants something done; a notice is good to know. */
export const TROUBLE_LEVELS = ['problem', 'notice'] as const

/** One thing that was found, with what shows it and what can be done. */
export interface Trouble {
  readonly trouble: TroubleName
  readonly level: (typeof TROUBLE_LEVELS)[number]
  /** In one sentence. */
  readonly title: string
  /** With the numbers behind it. */
  readonly evidence: readonly string[]
  /** What to look at, most likely first. */
  readonly advice: readonly string[]
  /** What to type, most useful first. */
  readonly next: readonly string[]
}

/** What the unified system says of itself; null where this release of the server does not. */
export interface UnifiedSystem {
  readonly open: number
  readonly most: number | null
  readonly isRunning: boolean | null
  /** Sessions that were refused since it began. */
  readonly failedSessions: number | null
  readonly lockedAddresses: number | null
}

/** The environment file as it would be read at the server's next start. */
export interface FileFacts {
  readonly path: string
  /** As the file says; null for what it does not say, or not in words that the server takes. */
  readonly mode: Mode | null
  readonly percentage: number | null
  /** Lengths of the two lists; null for one that it does not name. */
  readonly rolloutUsers: number | null
  readonly forceLegacyUsers: number | null
  /** What the server would make nothing of. */
  readonly problems: readonly string[]
}

/** Everything that troubleshooting looks at, gathered by whoever may look. */
export interface TroubleFacts extends Pick<
  PreflightFacts,
  'plan' | 'nowMs' | 'readings' | 'readFailure' | 'adminPathExists' | 'token' | 'statsFailure' | 'health' | 'lockHolder'
> {
  /** Null when it was never used since the server process began, or could not be read. */
  readonly unified: UnifiedSystem | null
  /** Null when none is managed. */
  readonly environmentFile: FileFacts | WsctlError | null
  /** Runs on this server that have no process any more. */
  readonly leftRuns: readonly { readonly id: string; readonly command: string; readonly state: string }[]
  /** The newest run on this server that has come to its end; null when none is recorded. */
  readonly lastRun: RolloutState | null
}
