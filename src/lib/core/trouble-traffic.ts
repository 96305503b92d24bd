/** What happens to users who connect. */
import { analyse, attemptsToNotice, formatPercent, rate, type Finding, type ThresholdName } from './analysis.js'
import { CallError } from './error.js'
import { settingsOf, surveyOf } from './preflight-facts.js'
import { effectivePercentage, type ServerStatus } from './server.js'
import { span } from './span.js'
import type { Trouble, TroubleFacts } from './trouble.js'
import { add, attemptsOf, difference, EMPTY_TALLY, type Tally } from './window.js'

/** Connections that last no longer than this on average are hardly meant to, ms. */
const SHORT_CONNECTION_MS = 30_000
/** Share of its limit from which the unified system counts as full. */
const NEARLY_FULL = 0.95

/** What was seen while it was looked. */
interface Traffic {
  readonly first: ServerStatus
  readonly last: ServerStatus
  readonly seen: Tally
  readonly overMs: number
  /** Thresholds that it breaks. */
  readonly broken: readonly Finding[]
}

export function trafficTroubles(facts: TroubleFacts): readonly Trouble[] {
  const traffic = trafficOf(facts)
  const found =
    traffic === null
      ? []
      : [errors, fallbacks, adoption, shortConnections, noTraffic].map((judge) => judge(traffic, facts))
  const adopted = !found.some((trouble) => trouble?.trouble === 'adoption')
  return [...found, full(facts), ...(adopted ? [notRunning(facts, traffic)] : []), degraded(facts)].flatMap(
    (trouble) => (trouble === null ? [] : [trouble]),
  )
}

/** Null when there are no readings of one steady process to compare. */
function trafficOf(facts: TroubleFacts): Traffic | null {
  const { readings, plan } = facts
  const [first, last] = [readings[0], readings.at(-1)]
  const survey = surveyOf(facts)
  if (!first || !last || first === last || (survey !== 'steady' && survey !== 'too-few')) return null
  const seen = add(EMPTY_TALLY, difference(first.status.counters, last.status.counters))
  const percentage = effectivePercentage(last.status.settings)
  const measurement = { recent: seen, windowErrors: seen.errors, stepTotal: seen, percentage: percentage || null }
  const { findings } = analyse(measurement, plan.thresholds)
  return {
    first: first.status,
    last: last.status,
    seen,
    overMs: last.atMs - first.atMs,
    broken: findings.filter(({ broken }) => broken),
  }
}

function textsOf({ broken, overMs }: Traffic, ...names: readonly ThresholdName[]): readonly string[] {
  return broken
    .filter(({ threshold }) => names.includes(threshold))
    .map(({ text }) => `${text}, in the last ${span(overMs)}`)
}

/** Of everything since the server process began, which may be long over. */
function sinceBegin({ last }: Traffic, part: 'errors' | 'fallbacks'): { readonly rate: number; readonly text: string } {
  const { counters } = last
  const attempts = attemptsOf(counters)
  const share = rate(counters[part], attempts) ?? 0
  const noun = part === 'errors' ? 'routing errors' : 'fallback activations'
  return {
    rate: share,
    text: `${counters[part]} ${noun} in ${attempts} attempts since the server process began (${formatPercent(share)})`,
  }
}

const ERROR_ADVICE = [
  "look into the server's log for the errors themselves: the API tells their number alone",
  'check the endpoint of the unified system, and whether a proxy before it lets WebSockets through',
  'go back to a few test users, and repeat what fails with one of them',
]

function errors(traffic: Traffic, { plan }: TroubleFacts): Trouble | null {
  const now = textsOf(traffic, 'max-error-rate', 'max-routing-errors', 'min-success-rate')
  const ever = sinceBegin(traffic, 'errors')
  if (now.length === 0 && ever.rate <= plan.thresholds.maxErrorRate) return null
  const isNow = now.length > 0
  return {
    trouble: 'errors',
    level: isNow ? 'problem' : 'notice',
    title: isNow
      ? 'users meet errors when they connect'
      : 'users met errors since the server process began; none too many now',
    evidence: [...now, ever.text],
    advice: ERROR_ADVICE,
    next: isNow
      ? [
          'to take everybody back: wsctl rollback emergency --reason "routing errors"',
          'or step by step: wsctl rollback gradual',
          'then with test users: wsctl deploy testing --test-users user1 user2',
        ]
      : ['to see whether it comes again: wsctl monitor --duration 5m --on-breach exit'],
  }
}

function fallbacks(traffic: Traffic, { plan }: TroubleFacts): Trouble | null {
  const now = textsOf(traffic, 'max-fallback-rate')
  const ever = sinceBegin(traffic, 'fallbacks')
  if (now.length === 0 && ever.rate <= plan.thresholds.maxFallbackRate) return null
  const isNow = now.length > 0
  return {
    trouble: 'fallbacks',
    level: isNow ? 'problem' : 'notice',
    title: isNow
      ? 'legacy has to catch users whom the unified system fails'
      : 'legacy had to catch users since the server process began; few or none now',
    evidence: [...now, ever.text],
    advice: [
      'these users are connected, so there is a little time',
      'behind each stands an error of the unified system, which its log tells',
    ],
    next: isNow
      ? [
          'to take users back step by step: wsctl rollback gradual',
          'or all at once: wsctl rollback emergency --reason fallbacks',
        ]
      : ['to see whether it comes again: wsctl monitor --duration 5m --on-breach exit'],
  }
}

function adoption(traffic: Traffic, { unified, lastRun }: TroubleFacts): Trouble | null {
  const now = textsOf(traffic, 'min-adoption')
  const recorded =
    lastRun?.lastCheck?.findings.filter(({ threshold, broken }) => threshold === 'min-adoption' && broken) ?? []
  if (now.length === 0 && recorded.length === 0) return null
  const evidence = [...now, ...recorded.map(({ text }) => `in the last run (${lastRun?.plan.id ?? ''}): ${text}`)]
  if (traffic.last.open.unified === null)
    evidence.push('the unified system was never used since the server process began')
  if (unified?.most != null)
    evidence.push(`${unified.open} connections are open on unified, which takes ${unified.most}`)
  if (unified?.failedSessions) evidence.push(`${unified.failedSessions} sessions were refused by it`)
  if (unified?.lockedAddresses) evidence.push(`${unified.lockedAddresses} addresses are locked out by it`)
  return {
    trouble: 'adoption',
    level: now.length > 0 ? 'problem' : 'notice',
    title:
      now.length > 0
        ? 'users who should reach the unified system do not, and no counter tells of an error'
        : 'in the last run, users who should have reached the unified system did not',
    evidence,
    advice: [
      'they have no connection at all: do not wait',
      'look for a limit of connections, for sessions that are missing or expired, and for locked addresses',
      'look whether a proxy before the server lets the endpoint of the unified system through',
    ],
    next: [
      ...(now.length > 0 ? ['to take everybody back: wsctl rollback emergency --reason "users are turned away"'] : []),
      'to see which system somebody should be on: wsctl user user1',
    ],
  }
}

function full({ unified }: TroubleFacts): Trouble | null {
  if (unified?.most == null || unified.most === 0 || unified.open < unified.most * NEARLY_FULL) return null
  return {
    trouble: 'unified-full',
    level: 'problem',
    title: 'the unified system is full, or nearly',
    evidence: [`${unified.open} of the ${unified.most} connections that it takes are open`],
    advice: [
      'whoever comes next is turned away without an error, and no counter moves',
      'raise its limit of connections, and restart it, before more users are moved',
      'connections that nobody uses any more, and that stay open, are a leak: compare them with the users who are signed in',
    ],
    next: ['to make room: wsctl rollback gradual', 'to watch it: wsctl status --watch'],
  }
}

function notRunning(facts: TroubleFacts, traffic: Traffic | null): Trouble | null {
  const settings = settingsOf(facts)
  const percentage = settings === null ? 0 : effectivePercentage(settings)
  if (percentage === 0) return null
  const { unified, readings, plan } = facts
  const advice = [
    "look into the server's log for why the unified system did not start",
    'restart the server when its log says no more; name its environment file first, so that it comes back where it is',
  ]
  const next = [
    'to take everybody back: wsctl rollback emergency --reason "unified does not run"',
    'to look again: wsctl health',
  ]
  const title = 'the unified system does not seem to run'
  if (unified?.isRunning === false && unified.open > 0) {
    const evidence = [`${unified.open} users are connected to it, and its background services do not run`]
    return { trouble: 'unified-not-running', level: 'problem', title, evidence, advice, next }
  }
  if (readings.at(-1)?.status.open.unified !== null) return null
  const attempts = traffic?.seen.attempts ?? 0
  const needed = attemptsToNotice(percentage, plan.thresholds.minAdoption)
  return {
    trouble: 'unified-not-running',
    level: attempts >= needed ? 'problem' : 'notice',
    title: attempts >= needed ? title : 'nobody has used the unified system yet',
    evidence: [
      `the server sends ${percentage} % of the users there, and it had no connection since the server process began`,
      `${attempts} users tried to connect while it was looked; it takes ${needed} to be sure`,
    ],
    advice,
    next: attempts >= needed ? next : ['to watch it for longer: wsctl diagnose --duration 1m'],
  }
}

/** Contract of the admin API, fact 11: once degraded it stays so until a restart. */
function degraded({ health }: TroubleFacts): Trouble | null {
  if (health instanceof CallError || health.status === 'healthy') return null
  return {
    trouble: 'degraded',
    level: 'notice',
    title: 'the server calls itself degraded',
    evidence: health.issues,
    advice: [
      'it judges by everything since its process began, and says so until it is restarted, however well things go now',
    ],
    next: ['to see how things go now: wsctl monitor --duration 5m --on-breach exit'],
  }
}

/** A connection lasts as long as it takes to make as many as are open. */
function shortConnections({ last, seen, overMs }: Traffic, { plan }: TroubleFacts): Trouble | null {
  const open = (last.open.legacy ?? 0) + (last.open.unified ?? 0)
  const made = seen.legacy + seen.unified
  if (made < plan.thresholds.minAttempts) return null
  const lastsMs = (open / made) * overMs
  if (lastsMs >= SHORT_CONNECTION_MS) return null
  return {
    trouble: 'short-connections',
    level: 'notice',
    title: 'connections do not last',
    evidence: [`${made} connections in ${span(overMs)}, and ${open} are open: one lasts about ${span(lastsMs)}`],
    advice: [
      'where users stay longer than that, connections drop: look at memory, CPU and limits of the server, and of a proxy before it',
      'one user who reconnects in a loop looks the same',
      'a leak shows as open connections that only grow: watch them for a while',
    ],
    next: [
      'to watch them: wsctl status --watch',
      'when the host runs out of memory: wsctl rollback emergency --reason memory',
    ],
  }
}

function noTraffic({ seen, overMs }: Traffic): Trouble | null {
  if (seen.attempts > 0) return null
  return {
    trouble: 'no-traffic',
    level: 'notice',
    title: `nobody tried to connect in ${span(overMs)}`,
    evidence: ['without attempts nothing can be judged: a rollout would be held'],
    advice: ['is this the server that users are sent to? Is it a quiet hour?'],
    next: ['to look for longer: wsctl diagnose --duration 1m'],
  }
}
