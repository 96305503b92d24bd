import { toConfigureBody } from '../adapters/configure.js'
import { toVariables, type VariableValues } from '../adapters/env-document.js'
import type { EnvFile } from '../adapters/env-file.js'
import type { LineChanges } from '../adapters/line-changes.js'
import { ServerAddress } from '../adapters/server-address.js'
import type { DryRunDocument, DryRunWrite } from '../contract/dry-run.js'
import { WsctlError } from '../core/error.js'
import { objection, type Command } from '../core/control.js'
import { breachWrites, plannedWrites, remainingWrites, type PlannedWrite } from '../core/planned-writes.js'
import type { ResumePolicy, RolloutPlan, RolloutState } from '../core/rollout.js'
import { describePosition, describeStep } from '../render/describe-plan.js'
import { FOLLOWS } from '../render/rollouts.js'
import type { BaseCommand } from './base-command.js'
import type { Equipment } from './operation.js'
import { describeSettling } from './settling.js'

const START = { schema: 'wsctl/dry-run@1' } as const

/** Shows what a run would write, and writes nothing. */
export async function printDryRun(
  command: BaseCommand,
  equipment: Equipment,
  plan: RolloutPlan,
  warnings: readonly string[] = [],
): Promise<void> {
  const isWatch = plan.intent === 'watch'
  const planned = isWatch ? writesOfWatch(plan) : plannedWrites(plan)
  const settling = isWatch ? [] : await describeSettling(equipment, equipment.settings.server)
  await printPlanned(command, equipment, plan, planned, { warnings, notes: [...notesOn(plan), ...settling] })
}

/** Shows what a run that was left would write from here on, and writes nothing. */
export async function printResumption(
  command: BaseCommand,
  equipment: Pick<Equipment, 'settings' | 'environmentFile'>,
  state: RolloutState,
  policy: ResumePolicy,
): Promise<void> {
  const { plan } = state
  const place = describePosition(state) ?? plan.command
  const notes = [`run ${plan.id} is taken up at ${place} (${describeStep(plan.steps[state.stepIndex])})`]
  const planned = plan.intent === 'watch' ? writesOfWatch(plan) : remainingWrites(state, policy)
  await printPlanned(command, equipment, plan, planned, { warnings: [], notes: [...notes, ...notesOn(plan)] })
}

function writesOfWatch(plan: RolloutPlan): readonly PlannedWrite[] {
  return plan.onBreach === 'rollback' ? breachWrites(plan) : []
}

async function printPlanned(
  command: BaseCommand,
  { settings, environmentFile }: Pick<Equipment, 'settings' | 'environmentFile'>,
  plan: RolloutPlan,
  planned: readonly PlannedWrite[],
  told: Pick<DryRunDocument, 'warnings' | 'notes'>,
): Promise<void> {
  const address = new ServerAddress(settings)
  const { changes, problem } = await previewEnvironment(environmentFile, planned)
  const writes = planned.flatMap(({ action, when }, index): readonly DryRunWrite[] => {
    if (action.kind === 'record-environment') {
      const lines = changes.get(index)
      return lines === undefined ? [] : environmentWrite(plan.environmentFile ?? '', lines, when)
    }
    const body = action.kind === 'configure' ? toConfigureBody(action.configuration) : undefined
    const { url, body: sent } = address.post(action.kind, body)
    return [{ kind: 'request', when, method: 'POST', path: url.pathname, body: sent ? { ...sent } : null }]
  })
  const notes = [...told.notes, ...(problem === null ? [] : [problem])]
  await printWrites(command, { ...told, server: settings.server, writes, notes })
}

/** Shows an order to a run, and whether the run would follow it now; leaves none. */
export async function previewOrder(
  command: BaseCommand,
  folder: string,
  given: Command,
  state: RolloutState,
): Promise<void> {
  const { order, step, by, reason } = given
  const { id, server } = state.plan
  const refusal = objection(state, given)
  const target = { kind: 'order', when: null, path: folder, rolloutId: id } as const
  const write = { ...target, order, step: step === null ? null : step + 1, by, reason, objection: refusal }
  const follows =
    refusal === null ? `the run would follow it now. ${FOLLOWS[order]}` : `the run would not follow it now: ${refusal}`
  await printWrites(command, { server, writes: [write], warnings: [], notes: [follows] })
}

/** Shows what would be written, by a command that writes no more than that. */
export async function printWrites(
  command: BaseCommand,
  told: Omit<DryRunDocument, 'schema' | 'command'>,
): Promise<void> {
  const document: DryRunDocument = { ...START, command: command.typed, ...told }
  const { dryRunText } = await import('../render/dry-run.js')
  command.print(document, ({ out }) => dryRunText(document, out))
}

/** Shows what `env set` would change, and changes nothing. */
export async function previewEnvSet(command: BaseCommand, file: EnvFile, values: VariableValues): Promise<void> {
  const [lines = { removed: [], added: [] }] = await file.preview([values])
  await printEnvDryRun(command, file, lines, [])
}

/** Shows what `env restore` would bring back, and changes nothing. */
export async function previewEnvRestore(
  command: BaseCommand,
  file: EnvFile,
  backup: string | undefined,
): Promise<void> {
  const { from, ...lines } = await file.previewRestore(backup)
  await printEnvDryRun(command, file, lines, [`from ${from}`])
}

async function printEnvDryRun(
  command: BaseCommand,
  file: EnvFile,
  lines: LineChanges,
  notes: readonly string[],
): Promise<void> {
  const writes = environmentWrite(file.path, lines, null)
  await printWrites(command, { server: null, writes: [...writes], warnings: [], notes })
}

/** The changed lines by the place of the write; an environment file that cannot be changed is only a warning in a run. */
async function previewEnvironment(
  file: EnvFile | null,
  planned: readonly PlannedWrite[],
): Promise<{ readonly changes: ReadonlyMap<number, LineChanges>; readonly problem: string | null }> {
  const records = planned.flatMap(({ action }, index) =>
    action.kind === 'record-environment' ? [{ index, values: toVariables(action.configuration) }] : [],
  )
  if (file === null || records.length === 0) return { changes: new Map(), problem: null }
  try {
    const previews = await file.preview(records.map(({ values }) => values))
    return {
      changes: new Map(records.flatMap(({ index }, at) => (previews[at] ? [[index, previews[at]]] : []))),
      problem: null,
    }
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error
    return { changes: new Map(), problem: `the environment file would not be changed: ${error.message}` }
  }
}

/** A file that says so already is left alone. */
function environmentWrite(path: string, { removed, added }: LineChanges, when: string | null): readonly DryRunWrite[] {
  if (removed.length + added.length === 0) return []
  return [{ kind: 'environment-file', when, path, removed, added }]
}

function notesOn({ intent, before, pins, onBreach, monitoring, steps }: RolloutPlan): readonly string[] {
  if (intent === 'emergency') {
    if (before === null)
      return [
        'the server could not be read: its two user lists are not known yet, and a configuration is written only with lists that are',
      ]
    if (pins === null)
      return ['the two user lists are not known, so no configuration is written: the percentage stays set']
    return []
  }
  if (intent === 'watch') {
    return onBreach === 'rollback'
      ? ['as long as no threshold stays broken, nothing is written']
      : ['nothing is written: a breach ends it with exit code 15']
  }
  const isWatched = monitoring && onBreach === 'rollback' && steps.some(({ durationMs }) => durationMs !== 0)
  return isWatched
    ? ['when a threshold stays broken, everybody is taken back at once: wsctl rollback emergency --dry-run']
    : []
}
