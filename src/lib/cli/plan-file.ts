import type { PlanCheckDocument } from '../contract/plan-check.js'
import type { PlanFile } from '../contract/plan-file.js'
import type { BaseCommand } from './base-command.js'

/**
 * Reads the plan that a file holds.
 *
 * @throws WsctlError (usage) with a line for each problem
 */
export async function readPlanFile(path: string): Promise<PlanFile> {
  // What reads and checks a file is loaded only when there is one.
  const [{ readYaml }, { checkDocument }, { planFileSchema }] = await Promise.all([
    import('../adapters/yaml-document.js'),
    import('../adapters/check-document.js'),
    import('../contract/plan-file.js'),
  ])
  return checkDocument(await readYaml(path), planFileSchema)
}

/** What a plan file says that a flag could say as well, as the parser would give it. */
export function flagsOf(file: PlanFile): Readonly<Record<string, string | readonly string[]>> {
  const { thresholds, analysis, stepDurationMs, rollbackTimeoutMs, baseline, increases, freeze } = file
  const said = {
    ...typedThresholds(thresholds),
    analysis: analysis.analysis,
    confidence: analysis.confidence?.toString() ?? null,
    'design-effect': analysis['design-effect']?.toString() ?? null,
    'step-duration': milliseconds(stepDurationMs),
    'rollback-timeout': milliseconds(rollbackTimeoutMs),
    'on-inconclusive': file.onInconclusive,
    'on-interrupt': file.onInterrupt,
    'on-crash': file.onCrash,
    ...file.fleet,
    freeze: freeze.length > 0 ? freeze.map(({ text }) => text) : null,
    baseline: milliseconds(baseline?.durationMs ?? null),
    'max-error-rate-increase': increases.maxErrorRate?.toString() ?? null,
    'max-fallback-rate-increase': increases.maxFallbackRate?.toString() ?? null,
  }
  return Object.fromEntries(Object.entries(said).flatMap(([name, value]) => (value === null ? [] : [[name, value]])))
}

/** Thresholds of a file as flags. */
export function typedThresholds(thresholds: PlanFile['thresholds']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(thresholds).map(([name, value]) => [name, DURATIONS.has(name) ? `${value}ms` : String(value)]),
  )
}

const DURATIONS: ReadonlySet<string> = new Set(['window', 'poll-interval', 'confirm-interval'])

function milliseconds(ms: number | null): string | null {
  return ms === null ? null : `${ms}ms`
}

/**
 * Checks a plan file, and says that it is one.
 *
 * @throws WsctlError (usage) with a line for each problem
 */
export async function lintPlan(command: BaseCommand, path: string): Promise<void> {
  const { name, steps } = await readPlanFile(path)
  const document: PlanCheckDocument = {
    schema: 'wsctl/plan-check@1',
    path,
    name,
    steps: steps.length,
    maxPercentage: steps.at(-1)?.percentage ?? 0,
  }
  command.print(document, () => `${path}: ${steps.length} steps to ${document.maxPercentage} %, nothing to mend`)
}
