import type { Report } from '../contract/report.js'
import type { ThresholdName } from '../core/analysis.js'
import { formatDuration, formatInstant, formatRate } from '../render/format.js'
import { timeIn } from './chart-data.js'
import type { BareReport } from './compose.js'

type Recommendation = Report['recommendations'][number]

const MINUTE_MS = 60_000
/** Shorter steps miss users whose connections outlast them. */
const SHORT_STEP_MS = 30 * MINUTE_MS
/** A share of its limit from which a rate that held is worth a look. */
const CLOSE = 0.8

/** What to do about a run, most urgent first. */
export function recommend(report: BareReport): Recommendation[] {
  return [...afterwards(report), ...causes(report), ...improvements(report)]
}

function advice(text: string, command: string | null = null): Recommendation {
  return { text, command }
}

function afterwards(report: BareReport): readonly Recommendation[] {
  const { state, outcome, rolloutId, after, server } = report
  // A command is there to be copied: what a shell would take apart is left out.
  const at = /^[\w:/.@-]+$/.test(server) ? ` --server ${server}` : ''
  const back = advice('Should anything look wrong, take everybody back at once.', `wsctl rollback emergency${at}`)
  const look = advice('See where the server stands now.', `wsctl status${at}`)
  if (state === 'running') return [advice('The run is under way: make the report again when it has ended.'), back]
  const resume = `wsctl rollout resume ${rolloutId}`
  if (state === 'incomplete') return [look, advice('Take it up again, if it is to go on.', resume), back]
  switch (outcome) {
    case null:
      return [advice('Nobody watches the server on behalf of this run. Take it up again.', resume), back]
    case 'completed':
      return afterSuccess(report, at)
    case 'rolled-back':
      return [
        advice(
          'Nobody was moved by force: who was connected stays on unified until the next reconnect. Watch the open connections go down.',
          `wsctl status --watch${at}`,
        ),
        advice('Find the cause before the next attempt, and begin that one with test users.'),
      ]
    case 'rollback-unverified':
      return [
        advice(
          'Users may still be on the unified system. Act now: try again, or restart the server with mode disabled.',
          `wsctl rollback emergency${at}`,
        ),
        look,
      ]
    case 'breached':
      return [
        advice(
          'The breach was only reported. Take everybody back, unless somebody has.',
          `wsctl rollback emergency${at}`,
        ),
        look,
      ]
    case 'held':
      return [
        advice(
          `The server keeps ${after === null ? 'its percentage' : `${after.mode} ${after.percentage} %`}, and this run watches it no more. Go on, or go back.`,
        ),
        look,
      ]
    case 'refused':
      return [advice('Find out who or what else changes the server before the next attempt.'), look]
    case 'failed':
    case 'usage':
    case 'unreachable':
      return [look]
  }
}

function afterSuccess({ after, plan, baseline, rolloutId }: BareReport, at: string): readonly Recommendation[] {
  if (after?.mode === 'full') {
    return [
      advice(
        'Watch it for a day or two.',
        `wsctl monitor --duration 48h${baseline === null ? '' : ` --baseline ${rolloutId}`}${at}`,
      ),
      advice('Keep legacy running for as long as you may want to go back.'),
    ]
  }
  if (after?.mode === 'gradual' && plan.monitoring) {
    return [
      advice(
        `${after.percentage} % holds. Go on when somebody can watch.`,
        `wsctl deploy gradual --initial-percentage ${after.percentage}${at}`,
      ),
    ]
  }
  if (after?.mode === 'testing') {
    return [advice('Let the test users work, and ask them, before a percentage of everybody follows.')]
  }
  return []
}

const CAUSES: Readonly<Record<ThresholdName, string>> = {
  'max-error-rate': "The unified system raised errors. The server's log tells which",
  'max-routing-errors': "Routing errors piled up. The server's log tells which",
  'max-fallback-rate': 'Legacy had to step in too often. Look for why the unified system turned users down',
  'min-success-rate':
    'Attempts ended without any connection. Look at the load, at limits of connections, and at the network in between',
  'min-adoption':
    'Users never reached the unified system, without an error being counted. Look for a limit of connections, missing sessions, or a proxy that does not let the endpoint through',
}

/** Where to look, for each threshold that broke, and when. */
function causes(report: BareReport): readonly Recommendation[] {
  const { checks } = report
  const failed = checks.filter(({ broken }) => broken.length > 0)
  const unanswered = checks.filter(({ verdict }) => verdict === 'error')
  const names = [...new Set(failed.flatMap(({ broken }) => broken))]
  return [
    ...names.map((name) => {
      const times = failed.filter(({ broken }) => broken.includes(name)).map(({ time }) => time)
      return advice(`${CAUSES[name]}${between(report, times)} (${name}).`)
    }),
    ...(unanswered.length === 0
      ? []
      : [
          advice(
            `The server gave no valid answer${between(
              report,
              unanswered.map(({ time }) => time),
            )}. See whether it was overloaded, restarted or cut off.`,
          ),
        ]),
  ]
}

function between(report: BareReport, times: readonly string[]): string {
  const [first] = times
  const last = times.at(-1)
  if (first === undefined || last === undefined) return ''
  return first === last ? `, at ${formatInstant(first)}` : `, from ${formatInstant(first)} to ${timeIn(report, last)}`
}

/** What would make the next run tell more, or be safer. */
function improvements({ plan, steps, after, checks, outcome, figures }: BareReport): readonly Recommendation[] {
  const observed = steps.filter(({ plannedMs }) => plannedMs !== 0)
  const shortest = observed.reduce((least, { plannedMs }) => Math.min(least, plannedMs ?? Infinity), Infinity)
  const unproven = observed.filter((step) => step.outcome === 'unproven')
  const close = checks.filter(
    ({ verdict, errorRate, limits }) =>
      verdict === 'pass' && errorRate !== null && errorRate >= CLOSE * limits.errorRate,
  )
  return [
    ...(plan.monitoring || plan.steps === 0
      ? []
      : [advice('Nothing was judged, so nothing would have rolled back. Leave --no-monitoring away.')]),
    ...(outcome === 'completed' && close.length > 0
      ? [
          advice(
            `The error rate came close to its limit ${close.length === 1 ? 'once' : `${close.length} times`}, at most ${formatRate(figures.highestErrorRate)}. See what it was before going on.`,
          ),
        ]
      : []),
    ...(unproven.length > 0
      ? [
          advice(
            `Too little traffic to judge at ${unproven.map(({ label }) => label).join(', ')}. Take longer steps, or a busier hour.`,
          ),
        ]
      : []),
    ...(plan.steps > 1 && shortest < SHORT_STEP_MS
      ? [
          advice(
            `The shortest step was ${formatDuration(shortest)}. Users move when they reconnect: steps of half an hour or more see those who stay long, too.`,
          ),
        ]
      : []),
    ...(plan.environmentFile === null && after !== null && after.mode !== 'disabled'
      ? [
          advice(
            'No environment file was kept in step: a restart of the server takes everybody back to what its file says. Name it with --env-file.',
          ),
        ]
      : []),
    ...(after !== null && after.mode !== 'disabled' && !after.legacyFallback
      ? [
          advice(
            'The fallback is off, so that a user whom the unified system fails has no connection at all.',
            'wsctl configure --legacy-fallback true',
          ),
        ]
      : []),
  ]
}
