/** Whether the server can be reached, as whom, and as how many processes. */
import { differences } from './differences.js'
import { CallError } from './error.js'
import { settingsOf, surveyOf } from './preflight-facts.js'
import { blamesToken } from './preflight-server.js'
import { ONE_PROCESS_AT_A_TIME } from './processes.js'
import { describeSettings, effectivePercentage } from './server.js'
import { span } from './span.js'
import type { Trouble, TroubleFacts } from './trouble.js'
import { attemptsOf } from './window.js'

const EXPIRES_SOON_MS = 10 * 60_000
const RENEWED = "with a token that is renewed: wsctl status --token-command 'pass show chat/admin-token'"

export function serverTroubles(facts: TroubleFacts): readonly Trouble[] {
  return [refusedToken, rateLimit, noAnswer, processes, tokenLife, fallbackOff, percentageLeft].flatMap((judge) => {
    const trouble = judge(facts)
    return trouble === null ? [] : [trouble]
  })
}

function refusedToken(facts: TroubleFacts): Trouble | null {
  const { readFailure, token, nowMs } = facts
  if (readFailure === null || !blamesToken(facts)) return null
  const evidence = [readFailure.message]
  if (token === null) evidence.push('no token was given')
  else if (token.expiresMs === null)
    evidence.push(`the token comes from ${token.origin}, and does not say when it expires`)
  else {
    const leftMs = token.expiresMs - nowMs
    evidence.push(
      `the token in ${token.origin} ${leftMs > 0 ? `is good for ${span(leftMs)} more by its own word` : `expired ${span(-leftMs)} ago`}`,
    )
  }
  return {
    trouble: 'token-refused',
    level: 'problem',
    title: 'the server does not take the token',
    evidence,
    advice: [
      ...readFailure.suggestions,
      'a run that loses its token can neither check nor roll back: give a long one a token that can be renewed',
      'when a fresh token is refused too, the server signs with another secret than the one that made it: ask whoever runs it',
    ],
    next: [RENEWED, 'with one from a file: wsctl status --token-file token.txt'],
  }
}

function rateLimit({ readFailure, statsFailure, health }: TroubleFacts): Trouble | null {
  const refused = [readFailure, statsFailure, health instanceof CallError ? health : null].find(
    (failure) => failure?.failure.kind === 'rate-limited',
  )
  if (!refused) return null
  const { retryAfterMs } = refused.failure
  return {
    trouble: 'rate-limited',
    level: 'problem',
    title: 'the server refuses requests: there are too many of them',
    evidence: [
      refused.message,
      ...(retryAfterMs === undefined ? [] : [`it asks to be left alone for ${span(retryAfterMs)}`]),
    ],
    advice: [
      'it takes about 100 requests a minute from one address: monitors, dashboards and other runs add up',
      'while it refuses, a run cannot check either',
    ],
    next: ['to ask less often: wsctl monitor --poll-interval 30s', 'to see which runs are at work: wsctl history'],
  }
}

function noAnswer(facts: TroubleFacts): Trouble | null {
  const { readFailure, statsFailure, adminPathExists, readings, plan } = facts
  if (readFailure === null || blamesToken(facts) || readFailure.failure.kind === 'rate-limited') return null
  const counters =
    statsFailure === null
      ? 'the counters, which need no token, answer: the server runs, and only the admin API does not'
      : `the counters, which need no token, do not answer either: ${statsFailure.message}`
  return {
    trouble: 'no-answer',
    level: 'problem',
    title: `${plan.server} does not tell its status`,
    evidence: [
      readings.length === 0
        ? readFailure.message
        : `it answered ${readings.length} times, then: ${readFailure.message}`,
      counters,
    ],
    advice: [
      ...(adminPathExists === false ? ['the admin API is mounted elsewhere'] : []),
      ...readFailure.suggestions,
      "look into the server's log, and at its memory and CPU",
    ],
    next: [
      readFailure.failure.kind === 'not-found' || readFailure.failure.kind === 'invalid-answer'
        ? 'the other usual place of the admin API: wsctl status --admin-path /api/admin/websocket-admin'
        : 'to look again: wsctl diagnose',
      'when users suffer: wsctl rollback emergency --reason "the server does not answer"',
    ],
  }
}

function processes(facts: TroubleFacts): Trouble | null {
  const { readings } = facts
  const said = [...new Set(readings.map(({ status }) => describeSettings(status.settings)))]
  const [first, last] = [readings[0], readings.at(-1)]
  const changed = first && last ? differences(first.status.settings, last.status.settings) : []
  const counted = readings.map(({ status }) => attemptsOf(status.counters)).join(', ')
  const evidence = [
    `${readings.length} readings over fresh connections said: ${said.join(', ')}`,
    `they counted ${counted} attempts since their process began`,
    ...(changed.length === 0 ? [] : [`from the first to the last changed: ${changed.join(', ')}`]),
  ]
  switch (surveyOf(facts)) {
    case 'several-processes':
      return {
        trouble: 'several-processes',
        level: 'problem',
        title: 'several server processes answer at this address, each with settings of its own',
        evidence,
        advice: [
          'what is written reaches one of them, and users of the others stay where they are',
          ...ONE_PROCESS_AT_A_TIME,
        ],
        next: ['to each process by its own address: wsctl rollback emergency --server http://10.0.0.5:8001'],
      }
    case 'restarted':
    case 'foreign-change':
    case 'doubtful':
      return {
        trouble: 'unsteady',
        level: 'notice',
        title: 'the server changed while it was looked at: it restarted, or somebody changed it',
        evidence,
        advice: ['what else is said here may already be over'],
        next: ['look again: wsctl diagnose', 'to see who changed what from here: wsctl audit'],
      }
    case 'steady':
    case 'too-few':
      return null
  }
}

function tokenLife(facts: TroubleFacts): Trouble | null {
  const { token, nowMs, readFailure } = facts
  if (readFailure !== null || token === null || token.renewable || token.expiresMs === null) return null
  const leftMs = token.expiresMs - nowMs
  if (leftMs > EXPIRES_SOON_MS) return null
  return {
    trouble: 'token-expires',
    level: 'notice',
    title: 'the token expires soon, and cannot be renewed',
    evidence: [
      `the token in ${token.origin} ${leftMs > 0 ? `expires in ${span(leftMs)}` : 'has expired by its own word'}`,
    ],
    advice: ['a run that loses its token can neither check nor roll back'],
    next: [RENEWED],
  }
}

function fallbackOff(facts: TroubleFacts): Trouble | null {
  const settings = settingsOf(facts)
  if (settings === null || settings.legacyFallback || effectivePercentage(settings) === 0) return null
  return {
    trouble: 'fallback-off',
    level: 'notice',
    title: 'the fallback is off: whoever fails on the unified system is not connected at all',
    evidence: [`the server is at ${describeSettings(settings)} with the fallback off`],
    advice: ['it can be switched on at any time, and moves nobody'],
    next: ['to switch it on: wsctl configure --legacy-fallback true'],
  }
}

/** Contract of the admin API, fact 3. */
function percentageLeft(facts: TroubleFacts): Trouble | null {
  const settings = settingsOf(facts)
  if (settings?.mode !== 'disabled' || settings.percentage === 0) return null
  return {
    trouble: 'percentage-left',
    level: 'notice',
    title: `a percentage is left over: nobody is on unified, but ${settings.percentage} % is still set`,
    evidence: [`the server says ${describeSettings(settings)}`],
    advice: [
      "the server's own emergency rollback leaves it behind",
      `whoever sets mode gradual next, without a percentage in mind, sends ${settings.percentage} % of the users over at once`,
    ],
    next: ['to set it to 0: wsctl configure --mode disabled --percentage 0'],
  }
}
