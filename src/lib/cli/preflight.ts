import { systemClock } from '../adapters/system-clock.js'
import { toPreflightDocument } from '../contract/preflight.js'
import { WsctlError } from '../core/error.js'
import { planGradual, type GradualOptions } from '../core/plan.js'
import { settingsOf, type PreflightFacts } from '../core/preflight-facts.js'
import { examine, preflightRefusal } from '../core/preflight.js'
import type { RolloutPlan } from '../core/rollout.js'
import { snapshotOf, type Snapshot } from '../core/server.js'
import type { Clock } from '../ports/clock.js'
import { askPatiently, type Ask } from './ask.js'
import type { BaseCommand } from './base-command.js'
import { commonBasis, type Operation } from './operation.js'
import { gatherFacts } from './preflight-facts.js'

/** A server that a rollout has never touched. */
export const UNTOUCHED: Snapshot = {
  mode: 'disabled',
  percentage: 0,
  rolloutUsers: null,
  forceLegacyUsers: null,
  legacyFallback: true,
}

/** Looks at a gradual rollout before it begins: prints each check, and sets the exit code. */
export async function printPreflight(
  command: BaseCommand,
  operation: Operation,
  options: GradualOptions,
): Promise<void> {
  const document = toPreflightDocument(await gradualFacts(operation, options, systemClock, askPatiently))
  const { preflightText } = await import('../render/preflight.js')
  command.print(document, ({ out }) => preflightText(document, out))
  process.exitCode = document.exitCode
}

/** What can be known before a gradual rollout, whether or not the server answers. */
export async function gradualFacts(
  operation: Operation,
  options: GradualOptions,
  clock: Clock = systemClock,
  ask?: Ask,
): Promise<PreflightFacts> {
  const pins = { rolloutUsers: [], forceLegacyUsers: [] }
  const planFrom = (before: Snapshot): RolloutPlan =>
    planGradual({ ...commonBasis(operation), before, pins, onInterrupt: 'hold' }, options)
  const facts = await gatherFacts(operation, planFrom(UNTOUCHED), clock, ask)
  const settings = settingsOf(facts)
  return { ...facts, startRefusal: settings && refusalOf(() => planFrom(snapshotOf(settings, null))) }
}

/**
 * The checks before a run: tells the operator what is not as it should be.
 *
 * @returns warnings for the document of the result
 * @throws WsctlError `preflight-failed` (exit 13)
 */
export async function checkBeforeRun(
  command: BaseCommand,
  operation: Operation,
  plan: RolloutPlan,
  flags: { readonly 'no-preflight': boolean },
): Promise<readonly string[]> {
  if (flags['no-preflight']) return []
  const report = examine(await gatherFacts(operation, plan, systemClock, askPatiently))
  const warnings = report.findings.filter(({ verdict }) => verdict === 'warn')
  if (warnings.length > 0) {
    const { findingLines } = await import('../render/preflight.js')
    command.screen.stderr.write(`${findingLines(warnings, command.screen.err)}\n`)
  }
  const refusal = preflightRefusal(report)
  if (refusal !== null) throw refusal
  return warnings.map(({ check, reason }) => `before the run, ${check}: ${reason}`)
}

function refusalOf(act: () => unknown): WsctlError | null {
  try {
    act()
    return null
  } catch (error) {
    if (error instanceof WsctlError) return error
    throw error
  }
}
