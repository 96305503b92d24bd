import type { Outcome } from '../core/outcome.js'
import { countOf, formatDuration, formatRate } from '../render/format.js'
import type { BareReport } from './compose.js'

/** What happened, in a few sentences with their numbers. */
export function summarize(report: BareReport): string {
  return [opening(report), evidence(report), ending(report)].filter((sentence) => sentence !== '').join(' ')
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

function evidence({ figures, plan, outcome }: BareReport): string {
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
        ` the limit ${formatRate(plan.thresholds.maxErrorRate)}.`
  const verdicts = others.length === 0 ? 'all of them passed' : [`${pass} passed`, ...others].join(', ')
  return `It made ${countOf(all, 'check')} over ${countOf(figures.attempts, 'attempt')}: ${verdicts}.${highest}`
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

function ending({ state, outcome, figures, steps }: BareReport): string {
  if (outcome === null) return state === 'running' ? 'It is under way.' : 'It was left before its end.'
  const failed = steps.find((step) => step.outcome === 'failed')
  const breach = failed === undefined ? '' : `The breach came at ${failed.label}. `
  const { breachToSafetyMs } = figures
  const took = breachToSafetyMs === null ? '' : ` It took ${formatDuration(breachToSafetyMs)} from the breach.`
  return `${breach}${ENDINGS[outcome]}${took}`
}
