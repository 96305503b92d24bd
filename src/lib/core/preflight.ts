import { WsctlError } from './error.js'
import { fail, pass, warn, type Judgement } from './judgement.js'
import type { PreflightFacts } from './preflight-facts.js'
import { judgePins, judgeStart, judgeTokenLife } from './preflight-run.js'
import { judgeFallback, judgeHealth, judgeProcesses, judgeServer, judgeStats, judgeToken } from './preflight-server.js'
import { judgeThresholds, judgeTraffic } from './preflight-traffic.js'

/** Everything that is looked into before a run, in the order in which it is told. */
export const PREFLIGHT_CHECKS = [
  'server',
  'token',
  'token-life',
  'stats',
  'processes',
  'lock',
  'start',
  'pinned-users',
  'traffic',
  'thresholds',
  'health',
  'fallback',
  'environment-file',
  'records',
] as const
export type PreflightCheck = (typeof PREFLIGHT_CHECKS)[number]

export const PREFLIGHT_VERDICTS = ['pass', 'warn', 'fail'] as const

/** One thing that was looked into. */
export interface PreflightFinding {
  readonly check: PreflightCheck
  readonly verdict: (typeof PREFLIGHT_VERDICTS)[number]
  readonly reason: string
  readonly suggestions: readonly string[]
}

export interface PreflightReport {
  readonly findings: readonly PreflightFinding[]
  /** What could not be looked into, and why. */
  readonly unchecked: readonly { readonly check: PreflightCheck; readonly reason: string }[]
}

const JUDGES: Readonly<Record<PreflightCheck, (facts: PreflightFacts) => Judgement>> = {
  server: judgeServer,
  token: judgeToken,
  'token-life': judgeTokenLife,
  stats: judgeStats,
  processes: judgeProcesses,
  lock: judgeLock,
  start: judgeStart,
  'pinned-users': judgePins,
  traffic: judgeTraffic,
  thresholds: judgeThresholds,
  health: judgeHealth,
  fallback: judgeFallback,
  'environment-file': judgeEnvironmentFile,
  records: judgeRecords,
}

/** Judges what was found out before a run. */
export function examine(facts: PreflightFacts): PreflightReport {
  const findings: PreflightFinding[] = []
  const unchecked: { check: PreflightCheck; reason: string }[] = []
  for (const check of PREFLIGHT_CHECKS) {
    const { verdict, reason, suggestions } = JUDGES[check](facts)
    if (verdict === 'unchecked') unchecked.push({ check, reason })
    else findings.push({ check, verdict, reason, suggestions })
  }
  return { findings, unchecked }
}

/** The refusal to begin a run (exit 13); null when no check failed. */
export function preflightRefusal({ findings }: PreflightReport): WsctlError | null {
  const failed = findings.filter(({ verdict }) => verdict === 'fail')
  if (failed.length === 0) return null
  return new WsctlError(
    'preflight-failed',
    `${failed.length} of ${findings.length} checks before the run failed, so it was not begun and nothing was changed:\n` +
      failed.map(({ check, reason }) => `${check}: ${reason}`).join('\n'),
    { outcome: 'refused', suggestions: failed.flatMap(({ suggestions }) => suggestions) },
  )
}

function judgeLock({ lockHolder }: PreflightFacts): Judgement {
  if (lockHolder === null) return pass('no other run holds this server')
  const { operator, command, since } = lockHolder
  return fail(
    `${operator} has been running ${command} against this server since ${since}`,
    'see how far it has come: wsctl status --watch',
    'to take everybody back, whoever runs what: wsctl rollback emergency',
  )
}

/** A copy is made by whatever changes the file, each time, so that a check alone changes nothing. */
function judgeEnvironmentFile({ environmentFile }: PreflightFacts): Judgement {
  if (environmentFile === null) {
    return warn(
      "the server's environment file is not named: when the server restarts, it falls back to what that file says",
      'name it, and it follows what has been proven: --env-file FILE (or WSCTL_ENV_FILE)',
    )
  }
  const { path, backups, problem } = environmentFile
  if (problem !== null) return fail(problem.message, ...problem.suggestions)
  return pass(`${path} can be changed; a run copies it beside itself before each change (${backups} copies there now)`)
}

function judgeRecords({ records }: PreflightFacts): Judgement {
  const { folder, problem } = records
  return problem === null ? pass(`${folder} can be written`) : fail(problem.message, ...problem.suggestions)
}
