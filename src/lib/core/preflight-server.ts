/** Checks of the server itself: whether it can be reached, as whom, and as how many processes. */
import { differences } from './differences.js'
import { CallError, isRefusedToken } from './error.js'
import { fail, pass, unchecked, warn, type Judgement } from './judgement.js'
import { answered, DEFAULT_QUORUM, isFleet, lackOfQuorum, nameServers } from './fleet.js'
import { differ, differenceError } from './fleet-start.js'
import { settingsOf, surveyEach, type PreflightFacts, type SurveyResult } from './preflight-facts.js'
import { ONE_PROCESS_AT_A_TIME, READINGS_TO_AGREE } from './processes.js'
import { describeSettings } from './server.js'
import { span } from './span.js'
import { attemptsOf } from './window.js'

const NO_ANSWER = unchecked('the server could not be read')
const LOOK_AGAIN = 'look again when it has settled: wsctl preflight'

/**
 * Whether the server refused the token. A 404 is what it says of a deleted user and of a wrong path
 * alike (contract of the admin API, fact 9), but the right path answers something else without a token.
 */
export function blamesToken({
  readFailure,
  adminPathExists,
}: Pick<PreflightFacts, 'readFailure' | 'adminPathExists'>): boolean {
  if (readFailure === null) return false
  const { failure } = readFailure
  return isRefusedToken(failure) || (failure.kind === 'not-found' && adminPathExists === true)
}

export function judgeServer(facts: PreflightFacts): Judgement {
  const { plan, paths, readings, readFailure, adminPathExists } = facts
  if (readFailure === null) {
    const objection = judgeFleet(facts)
    if (objection !== null) return objection
    const slowestMs = Math.max(...readings.map(({ tookMs }) => tookMs))
    return pass(`${plan.server}${paths.admin} answered ${readings.length} times, the slowest after ${span(slowestMs)}`)
  }
  if (blamesToken(facts)) return pass(`${plan.server}${paths.admin} answers`)
  const { message, suggestions, failure } = readFailure
  if (readings.length > 0) return fail(`it answered ${readings.length} times, then no more: ${message}`, ...suggestions)
  if (failure.kind === 'not-found' && adminPathExists === false) {
    return fail(
      `${message}, with and without the token: the admin API is elsewhere`,
      'say where: --admin-path /api/admin/websocket-admin (or WSCTL_ADMIN_PATH)',
    )
  }
  return fail(message, ...suggestions)
}

/** Of a fleet: whether enough of it answers, and all of it says the same; null when there is nothing to object to. */
function judgeFleet({ plan, readings, converge = false }: PreflightFacts): Judgement | null {
  const last = readings.at(-1)?.status ?? null
  if (!isFleet(last)) return null
  const lack = lackOfQuorum(last, plan.fleet?.quorum ?? DEFAULT_QUORUM)
  if (lack) return fail(lack.message, 'to begin without them: --quorum 90%', 'or name only those that answer')
  if (differ(last) && !converge && plan.intent !== 'watch') {
    const { message, suggestions } = differenceError(last)
    return fail(message, ...suggestions)
  }
  const silent = last.members.filter((member) => !answered(member)).map(({ server }) => server)
  if (silent.length === 0) return null
  return warn(`${silent.length} of ${last.members.length} servers do not answer: ${nameServers(silent)}`)
}

export function judgeToken(facts: PreflightFacts): Judgement {
  const { readings, readFailure, token } = facts
  if (readFailure !== null && blamesToken(facts)) {
    const { failure, message, suggestions } = readFailure
    return failure.kind === 'not-found'
      ? fail(
          `${message} to this token, but not without one: its user has been deleted`,
          'use the token of another admin: WSCTL_TOKEN, --token-file FILE or --token-command COMMAND',
        )
      : fail(message, ...suggestions)
  }
  if (readings.length === 0) return NO_ANSWER
  return pass(`${token?.origin ?? 'a request without a token'} is taken for an admin's`)
}

/** No run reads the counters there, so a wrong path puts nobody at risk. */
export function judgeStats({ plan, paths, statsFailure, readFailure }: PreflightFacts): Judgement {
  if (statsFailure === null) return pass(`${plan.server}${paths.stats} answers`)
  if (readFailure?.failure.status === null && statsFailure.failure.status === null) return NO_ANSWER
  return warn(`${statsFailure.message}; a run can do without it, wsctl stats cannot`, ...statsFailure.suggestions)
}

export function judgeProcesses(facts: PreflightFacts): Judgement {
  const { readings, readFailure } = facts
  const found = surveyEach(facts)
  const where = found.server ?? 'this address'
  switch (found.survey) {
    case 'steady':
      return pass(`${readings.length} readings over fresh connections agree`)
    case 'several-processes':
      return fail(
        `several server processes answer at ${where}: ${describeReadings(found, ' or ')}. Each has settings and counters of ` +
          'its own, and a change would reach one of them alone',
        ...ONE_PROCESS_AT_A_TIME,
      )
    case 'restarted':
      return fail(`${nameOf(found)} restarted while it was looked at: its counters began again at 0`, LOOK_AGAIN)
    case 'foreign-change':
      return fail(`somebody changed ${nameOf(found)} while it was looked at: ${describeChange(found)}`, LOOK_AGAIN)
    case 'doubtful':
    case 'too-few':
      if (readFailure !== null) return NO_ANSWER
      return warn(
        `${readings.length} readings were made in the time there was, which is too few to tell whether several processes ` +
          `answer at this address; it takes ${READINGS_TO_AGREE} that agree`,
        'is the server overloaded? Try again: wsctl preflight',
      )
  }
}

/** From the first reading to the last, or, where settings came and went meanwhile, what was seen of them. */
function describeChange(found: SurveyResult): string {
  const [first, last] = [found.statuses[0], found.statuses.at(-1)]
  const changes = first && last ? differences(first.settings, last.settings) : []
  return changes.length === 0 ? describeReadings(found, ', then ') : changes.join(', ')
}

function nameOf({ server }: SurveyResult): string {
  return server ?? 'the server'
}

/** What it was that did not stay: the settings, or else the counters. */
function describeReadings({ statuses }: SurveyResult, between: string): string {
  const settings = [...new Set(statuses.map((status) => describeSettings(status.settings)))]
  if (settings.length > 1) return `${statuses.length} readings showed ${settings.join(between)}`
  const attempts = statuses.map((status) => attemptsOf(status.counters))
  return `${statuses.length} readings counted ${attempts.join(', ')} attempts`
}

/** It counts everything since the process began (contract of the admin API, fact 11). */
export function judgeHealth({ health, readings }: PreflightFacts): Judgement {
  if (readings.length === 0) return NO_ANSWER
  if (health instanceof CallError) return warn(`the server does not tell its health: ${health.message}`)
  if (health.status === 'healthy') return pass('the server says healthy')
  return warn(
    `the server says degraded (${health.issues.join('; ')}), by everything since its process began: it may be long over`,
    'see whether it still goes on: wsctl monitor --duration 1m --on-breach exit',
  )
}

export function judgeFallback(facts: PreflightFacts): Judgement {
  const settings = settingsOf(facts)
  if (settings === null) return NO_ANSWER
  if (settings.legacyFallback) return pass('legacy takes what fails on the unified system')
  return warn(
    'the fallback is off: whoever fails on the unified system is not connected at all',
    'switch it on: wsctl configure --legacy-fallback true',
  )
}
