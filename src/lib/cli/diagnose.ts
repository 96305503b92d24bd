import { isSameServer } from '../adapters/claim-files.js'
import type { EnvFile, VariableLine } from '../adapters/env-file.js'
import { problemsOf } from '../adapters/env-problems.js'
import { systemClock } from '../adapters/system-clock.js'
import { toDiagnosisDocument } from '../contract/diagnosis.js'
import { toUnifiedSystem } from '../contract/unified-system.js'
import { CallError, WsctlError } from '../core/error.js'
import { planWatch } from '../core/plan.js'
import type { PreflightFacts, Reading } from '../core/preflight-facts.js'
import { MODES } from '../core/server.js'
import type { FileFacts, TroubleFacts } from '../core/trouble.js'
import { troubleshoot } from '../core/troubleshooting.js'
import type { Clock } from '../ports/clock.js'
import { addressed } from './address.js'
import type { BaseCommand } from './base-command.js'
import { lastRun } from './last-run.js'
import { describeGlance, leftRuns } from './left-runs.js'
import { commonBasis, type Operation } from './operation.js'
import { UNTOUCHED } from './preflight.js'
import { answerOf, gatherFacts } from './preflight-facts.js'

/** Looks at a server, its file and its records, prints what is wrong, and sets the exit code. */
export async function diagnose(command: BaseCommand, operation: Operation, observeMs: number): Promise<void> {
  const { settings } = operation
  const facts = await troubleFacts(operation, observeMs)
  const findings = troubleshoot(facts).map((trouble) => ({
    ...trouble,
    advice: trouble.advice.map((line) => addressed(line, settings)),
    next: trouble.next.map((line) => addressed(line, settings)),
  }))
  const document = toDiagnosisDocument(facts, findings)
  const { diagnosisText } = await import('../render/diagnosis.js')
  command.print(document, ({ out }) => diagnosisText(document, out))
  process.exitCode = document.exitCode
}

/**
 * Finds out what can be known. Nothing is changed, and at most 17 requests are sent. Whatever cannot be looked at is
 * something that was found out.
 *
 * @param observeMs from the first reading to the last, ms
 */
async function troubleFacts(
  operation: Operation,
  observeMs: number,
  clock: Clock = systemClock,
): Promise<TroubleFacts> {
  const { server, runs, locks, settings } = operation
  const begunMs = clock.monotonicMs()
  const plan = planWatch(
    { ...commonBasis(operation), before: UNTOUCHED, pins: null },
    { durationMs: observeMs, onBreach: 'exit' },
  )
  const looked = await gatherFacts(operation, plan, clock)
  const facts = looked.readFailure === null ? await lookAgain(operation, looked, begunMs + observeMs, clock) : looked
  const stats = facts.statsFailure ?? (await answerOf(server.stats()))
  const left = (await leftRuns(locks, runs)).filter(({ claim }) => isSameServer(claim.server, settings.server))
  return {
    ...facts,
    unified: stats instanceof CallError ? null : toUnifiedSystem(stats),
    environmentFile: operation.environmentFile && (await fileFacts(operation.environmentFile)),
    leftRuns: left.map(({ claim, glance }) => ({
      id: claim.rolloutId,
      command: claim.command,
      state: describeGlance(glance),
    })),
    lastRun: await lastRun(runs, settings.server),
  }
}

/** One reading more when the time is up, to compare the first one with. */
async function lookAgain(
  { server }: Operation,
  facts: PreflightFacts,
  dueMs: number,
  clock: Clock,
): Promise<PreflightFacts> {
  const leftMs = dueMs - clock.monotonicMs()
  if (leftMs <= 0) return facts
  await clock.sleep(leftMs)
  const sentMs = clock.monotonicMs()
  const status = await answerOf(server.readStatus())
  if (status instanceof CallError) return { ...facts, readFailure: status }
  const atMs = clock.monotonicMs()
  const reading: Reading = { status, atMs, tookMs: atMs - sentMs }
  return { ...facts, readings: [...facts.readings, reading] }
}

async function fileFacts(file: EnvFile): Promise<FileFacts | WsctlError> {
  try {
    return toFileFacts(file.path, await file.read())
  } catch (error) {
    if (error instanceof WsctlError) return error
    throw error
  }
}

function toFileFacts(path: string, variables: readonly VariableLine[]): FileFacts {
  const valueOf = (name: VariableLine['name']): string | null =>
    variables.find((variable) => variable.name === name)?.value?.trim() ?? null
  const usersOf = (name: VariableLine['name']): number | null => {
    const value = valueOf(name)
    return value === null ? null : value.split(',').filter((id) => id.trim() !== '').length
  }
  const mode = valueOf('WEBSOCKET_MIGRATION_MODE')?.toLowerCase()
  const percentage = valueOf('WEBSOCKET_ROLLOUT_PERCENTAGE')
  return {
    path,
    mode: MODES.find((known) => known === mode) ?? null,
    percentage: percentage !== null && /^\d+$/.test(percentage) ? Number(percentage) : null,
    rolloutUsers: usersOf('WEBSOCKET_ROLLOUT_USER_LIST'),
    forceLegacyUsers: usersOf('WEBSOCKET_FORCE_LEGACY_USERS'),
    problems: problemsOf(variables),
  }
}
