/** When a rollout is going wrong, and how that is judged. */
import { Flags } from '@oclif/core'
import { ANALYSES, DEFAULT_CONFIDENCE, DEFAULT_DESIGN_EFFECT } from '../../core/judging.js'
import { DEFAULT_THRESHOLDS } from '../../core/thresholds.js'

/** When a rollout is going wrong. */
export const thresholdFlags = {
  'max-error-rate': threshold(`routing errors per attempt, % [default: ${DEFAULT_THRESHOLDS.maxErrorRate}]`, 'PERCENT'),
  'max-routing-errors': threshold(
    `routing errors within the window [default: ${DEFAULT_THRESHOLDS.maxRoutingErrors}]`,
    'COUNT',
  ),
  'max-fallback-rate': threshold(
    `fallback activations per attempt, % [default: ${DEFAULT_THRESHOLDS.maxFallbackRate}]`,
    'PERCENT',
  ),
  'min-success-rate': threshold(
    `attempts that end connected, % [default: ${DEFAULT_THRESHOLDS.minSuccessRate}]`,
    'PERCENT',
  ),
  'min-adoption': threshold(
    `attempts that reach unified, % of the percentage set [default: ${DEFAULT_THRESHOLDS.minAdoption}]`,
    'PERCENT',
  ),
  'consecutive-failures': threshold(
    `failed checks in a row before rollback [default: ${DEFAULT_THRESHOLDS.consecutiveFailures}]`,
    'COUNT',
  ),
  window: threshold('how far back a check may look [default: 5m]', 'DURATION'),
  'min-attempts': threshold(
    `attempts a rate needs before it means anything [default: ${DEFAULT_THRESHOLDS.minAttempts}]`,
    'COUNT',
  ),
  'poll-interval': threshold('time between checks [default: 10s]', 'DURATION'),
  'confirm-interval': threshold('time between checks once one has failed [default: 3s]', 'DURATION'),
}

function threshold(description: string, helpValue: string) {
  return Flags.string({ description, helpValue, helpGroup: 'THRESHOLDS' })
}

/** How rates are judged. */
export const analysisFlags = {
  analysis: Flags.string({
    options: [...ANALYSES],
    description:
      'how rates are judged: failed checks in a row, or all that was seen weighed at once [default: counted]',
    helpGroup: 'ANALYSIS',
  }),
  confidence: Flags.string({
    description: `of sequential: that nobody is taken back by chance in the whole run [default: ${DEFAULT_CONFIDENCE}]`,
    helpValue: 'NUMBER',
    helpGroup: 'ANALYSIS',
  }),
  'design-effect': Flags.string({
    description: `of sequential: how many failures one cause brings about, such as a user who reconnects [default: ${DEFAULT_DESIGN_EFFECT}]`,
    helpValue: 'NUMBER',
    helpGroup: 'ANALYSIS',
  }),
}

/** What a rollout compares with, and when it raises nothing. */
export const safeguardFlags = {
  freeze: Flags.string({
    multiple: true,
    description: 'raise nothing in a part of each week, such as "Fri 16:00-Mon 08:00 Europe/Berlin"',
    helpValue: 'WINDOW',
    helpGroup: 'SAFEGUARDS',
  }),
  baseline: Flags.string({
    description: 'observation before the first step, to compare with [default: one poll interval]',
    helpValue: 'DURATION',
    helpGroup: 'SAFEGUARDS',
  }),
  ...increaseFlags(),
}

/** As `safeguardFlags`, for a watch: it compares with the baseline of a run. */
export const comparisonFlags = {
  baseline: Flags.string({
    description: 'compare with what was observed before a run, named by its id',
    helpValue: 'ID',
    helpGroup: 'SAFEGUARDS',
  }),
  ...increaseFlags(),
}

/** Limits relative to a baseline. */
function increaseFlags() {
  return {
    'max-error-rate-increase': Flags.string({
      description: 'error rate, times that of the baseline, such as 1.5x',
      helpValue: 'FACTOR',
      helpGroup: 'SAFEGUARDS',
    }),
    'max-fallback-rate-increase': Flags.string({
      description: 'fallback rate, times that of the baseline',
      helpValue: 'FACTOR',
      helpGroup: 'SAFEGUARDS',
    }),
  }
}
