import type { Outcome } from '../core/outcome.js'
import type { RolloutState } from '../core/rollout.js'
import { countOf, formatCount, formatDuration, formatRate } from '../render/format.js'
import { limitAtWorst } from './chart-data.js'
import type { BareReport } from './compose.js'

/** What happened, in a few sentences with their numbers. */
export function summarize(report: BareReport, state: RolloutState): string {
  return [opening(report), evidence(report), relativeLimits(state), ending(report)]
    .filter((sentence) => sentence !== '')
    .join(' ')
}

function opening({ command, server, before, after, figures, steps, plan }: BareReport): string {
  const from = before === null ? '' : ` from ${before.mode} ${before.percentage} %`
  const to = after === null ? '' : ` to ${after.mode} ${after.percentage} %`
  const ends = [before, after].map((settings) => settings?.percentage ?? 0)
  const peak = figures.peakPercentage ?? 0
  const way = peak > Math.max(...ends) ? `, by way of ${peak} %,` : ''
  const taken = plan.steps > 1 ? `, ${steps.length} of ${plan.steps} steps` : ''
  const course = to === '' ? 'lasted' : `went${from}${to}${way} in`
  return `The run of ${command} on ${server} ${course} ${formatDuration(figures.elapsedMs)}${taken}.`
}

function evidence({ figures, plan, checks, outcome }: BareReport): string {
  const { pass, fail, inconclusive, error } = figures.checks
  const all = pass + fail + inconclusive + error
  if (all === 0) return plan.steps === 0 || outcome === null ? '' : 'Nothing was observed.'
  const others = [
    ...(fail > 0 ? [`${fail} failed`] : []),
    ...(inconclusive > 0 ? [`${inconclusive} were inconclusive`] : []),
    ...(error > 0 ? [`${error} had no valid answer`] : []),
  ]
  const highest =
    figures.highestErrorRate === null
      ? ''
      : ` The highest error rate of a check was ${formatRate(figures.highestErrorRate)},` +
        ` the limit ${formatRate(limitAtWorst({ checks, plan }, 'errorRate'))}.`
  const verdicts = others.length === 0 ? 'all of them passed' : [`${pass} passed`, ...others].join(', ')
  const most =
    figures.mostRoutingErrors === null || !checks.some(({ broken }) => broken.includes('max-routing-errors'))
      ? ''
      : ` Up to ${countOf(figures.mostRoutingErrors, 'routing error')} came within the window,` +
        ` the limit ${formatCount(limitAtWorst({ checks, plan }, 'routingErrors'))}.`
  return `It made ${countOf(all, 'check')} over ${countOf(figures.attempts, 'attempt')}: ${verdicts}.${highest}${most}`
}

/** Where a limit comes from that nobody typed. */
function relativeLimits({ plan: { increases }, baseline }: RolloutState): string {
  if (baseline === null || baseline.tally.attempts === 0) return ''
  const { attempts, errors, fallbacks } = baseline.tally
  const limits = [
    { factor: increases.maxErrorRate, name: 'error rate', noun: 'error', count: errors },
    { factor: increases.maxFallbackRate, name: 'fallback rate', noun: 'fallback', count: fallbacks },
  ].flatMap(({ factor, name, noun, count }) =>
    factor === null
      ? []
      : [
          `${name} was to stay within ${factor} times the baseline, which saw ` +
            `${count === 0 ? `no ${noun}` : countOf(count, noun)} in ${countOf(attempts, 'attempt')}`,
        ],
  )
  return limits.length === 0 ? '' : `The ${limits.join('; the ')}.`
}

const ENDINGS: Readonly<Record<Outcome, string>> = {
  completed: 'It did what was asked.',
  failed: 'It ended by a fault in wsctl itself.',
  usage: 'It ended by wrong settings.',
  'rolled-back': 'Everybody was taken back to legacy, and that was verified.',
  'rollback-unverified': 'Whether everybody is back on legacy could not be confirmed.',
  held: 'The percentage stayed where it was.',
  refused: 'It ended in a conflict, and raised nothing more.',
  unreachable: 'The server did not answer.',
  breached: 'The breach was left to others to act on.',
}

const STATES: Readonly<Record<BareReport['state'], string>> = {
  ended: 'It has ended.',
  running: 'It is under way.',
  left: 'It was left before its end.',
  incomplete: 'Its end was not recorded, but it has let go of the server.',
}

function ending({ state, outcome, figures, steps }: BareReport): string {
  if (outcome === null) return STATES[state]
  const failed = steps.find((step) => step.outcome === 'failed')
  const breach = failed === undefined ? '' : `The breach came at ${failed.label}. `
  const { breachToSafetyMs } = figures
  const took = breachToSafetyMs === null ? '' : ` It took ${formatDuration(breachToSafetyMs)} from the breach.`
  return `${breach}${ENDINGS[outcome]}${took}`
}
