import { systemClock } from '../adapters/system-clock.js'
import { CallError, isRefusedToken, WsctlError } from '../core/error.js'
import { surveyOf, type PreflightFacts, type Reading, type TokenFacts } from '../core/preflight-facts.js'
import type { RolloutPlan } from '../core/rollout.js'
import type { RolloutServer } from '../ports/admin-api.js'
import type { Clock } from '../ports/clock.js'
import { atOnce, type Ask } from './ask.js'
import { connect } from './connect.js'
import type { Operation } from './operation.js'
import { answering } from './state-folder.js'

/** Between two readings, ms: long enough for traffic to show, short enough to wait for. */
const PAUSE_MS = 250
/** The same once there is a doubt, which traffic no longer settles. */
const DOUBT_PAUSE_MS = 100
/** After this long no further reading is begun, unless one of them is in doubt, ms. */
const LOOK_MS = 3000

/**
 * Finds out what can be known before a run. Nothing is changed, and at most 14 requests are answered: up to
 * twelve readings, the health and the counters.
 *
 * @throws WsctlError (usage) for settings with which nothing can be sent
 */
export async function gatherFacts(
  operation: Operation,
  plan: RolloutPlan,
  clock: Clock = systemClock,
  ask: Ask = atOnce,
): Promise<PreflightFacts> {
  const { server, settings, runs, environmentFile, pinSources } = operation
  const [look, stats, health] = await Promise.all([
    takeReadings(server, clock, ask),
    answerOf(ask(() => server.stats())),
    answerOf(ask(() => server.health())),
  ])
  return {
    plan,
    startRefusal: null,
    nowMs: clock.wallTime().getTime(),
    paths: { admin: settings.adminPath, stats: settings.statsPath },
    ...look,
    adminPathExists: look.readFailure?.failure.kind === 'not-found' ? await adminPathExists(operation) : null,
    token: await tokenFacts(operation),
    statsFailure: stats instanceof CallError ? stats : null,
    health: health instanceof CallError ? health : { status: health.health_status, issues: health.issues },
    pinSources,
    ...(operation.fleet && { converge: operation.fleet.converge }),
    environmentFile: environmentFile && {
      path: environmentFile.path,
      backups: (await environmentFile.backups()).length,
      problem: await problemOf(environmentFile.checkWritable()),
    },
    records: { folder: runs.place, problem: await problemOf(answering(runs.checkWritable(), settings)) },
    lockHolder: await operation.locks.holderOf(settings.fleet?.servers ?? settings.server),
  }
}

/** Reads on until the readings say something, or one fails, or there has been time enough. */
export async function takeReadings(
  server: Pick<RolloutServer, 'readStatus'>,
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>,
  ask: Ask = atOnce,
): Promise<Pick<PreflightFacts, 'readings' | 'readFailure'>> {
  const readings: Reading[] = []
  let lookedMs = 0
  for (;;) {
    let sentMs = 0
    const status = await answerOf(
      ask(() => {
        sentMs = clock.monotonicMs()
        return server.readStatus()
      }),
    )
    if (status instanceof CallError) return { readings, readFailure: status }
    const atMs = clock.monotonicMs()
    readings.push({ status, atMs, tookMs: atMs - sentMs })
    lookedMs += atMs - sentMs
    const survey = surveyOf({ readings })
    const goOn = survey === 'doubtful' || (survey === 'too-few' && lookedMs < LOOK_MS)
    if (!goOn) return { readings, readFailure: null }
    const pauseMs = survey === 'doubtful' ? DOUBT_PAUSE_MS : PAUSE_MS
    await clock.sleep(pauseMs)
    lookedMs += pauseMs
  }
}

/** A path that is there asks a request without a token for one; a path that is not there answers 404. */
async function adminPathExists({ settings }: Operation): Promise<boolean | null> {
  const [server = settings.server] = settings.fleet?.servers ?? []
  const nameless = { ...settings, server, fleet: undefined, token: null, tokenFile: null, tokenCommand: null }
  const stranger = await connect(nameless)
  const answer = await answerOf(stranger.readStatus())
  if (!(answer instanceof CallError)) return true
  if (answer.failure.kind === 'not-found') return false
  return isRefusedToken(answer.failure) ? true : null
}

export async function tokenFacts({ server: { tokens } }: Pick<Operation, 'server'>): Promise<TokenFacts | null> {
  const token = await tokens.token()
  if (token === null) return null
  const { expiryOf } = await import('../adapters/token.js')
  return { origin: tokens.describe(), expiresMs: expiryOf(token)?.getTime() ?? null, renewable: tokens.renewable }
}

/** A failed call is something that was found out; anything else is not, and goes on up. */
export async function answerOf<T>(call: Promise<T>): Promise<T | CallError> {
  try {
    return await call
  } catch (error) {
    if (error instanceof CallError) return error
    throw error
  }
}

export async function problemOf(check: Promise<void>): Promise<WsctlError | null> {
  try {
    await check
    return null
  } catch (error) {
    if (error instanceof WsctlError) return error
    throw error
  }
}
