import { systemClock } from '../adapters/system-clock.js'
import type { SandboxSettings } from '../contract/options.js'
import type { SandboxDocument } from '../contract/sandbox.js'
import { usageError } from '../core/error.js'
import type { FaultsInput } from '../sandbox/faults.js'
import type { Sandbox, SandboxOptions } from '../sandbox/sandbox.js'
import type { BaseCommand } from './base-command.js'
import { listenForStop } from './signals.js'

export interface FaultFlags {
  readonly fault?: string | undefined
  readonly api?: NonNullable<FaultsInput['api']>['kind'] | undefined
  readonly 'no-fallback'?: boolean | undefined
}

/**
 * The faults that a preset names.
 *
 * @throws WsctlError (usage) for a name that there is not
 */
export async function presetFaults(name: string | undefined): Promise<FaultsInput> {
  const { FAULT_PRESETS } = await import('../sandbox/fault-presets.js')
  if (name === undefined) return {}
  const preset = Object.entries(FAULT_PRESETS).find(([known]) => known === name)?.[1]
  if (preset) return preset.faults
  throw usageError(`--fault ${name}: there is no such fault`, `faults: ${Object.keys(FAULT_PRESETS).join(', ')}`)
}

/** Faults from a preset and from single flags, which beat it or say more of it. */
export async function faultsOf(flags: FaultFlags, settings: SandboxSettings): Promise<FaultsInput> {
  const preset = await presetFaults(flags.fault)
  const { failProbability, refuseProbability, fromPercentage } = settings
  const from = fromPercentage === undefined ? {} : { fromPercentage }
  const fallback = flags['no-fallback'] === true ? { withFallback: false } : {}
  const fail = failProbability === undefined ? preset.fail : { probability: failProbability }
  const refuse = refuseProbability === undefined ? preset.refuse : { probability: refuseProbability }
  return {
    ...(fail && { fail: { ...fail, ...from, ...fallback } }),
    ...(refuse && { refuse: { ...refuse, ...from } }),
    ...(flags.api && { api: { kind: flags.api } }),
  }
}

export interface PlaceFlags {
  readonly 'admin-path': string
  readonly 'stats-path': string
  readonly token: string
  readonly 'env-file'?: string | undefined
}

/** Runs a sandbox until it is stopped. */
export async function runSandbox(
  command: BaseCommand,
  settings: SandboxSettings,
  flags: PlaceFlags,
  faults: FaultsInput,
): Promise<void> {
  const options: SandboxOptions = {
    port: settings.port,
    users: settings.users,
    pace: { stayMs: settings.stay, awayMs: settings.away },
    rateLimitPerMinute: settings.rateLimit ?? null,
    seed: settings.seed,
    adminPath: flags['admin-path'],
    statsPath: flags['stats-path'],
    adminToken: flags.token,
    environmentFile: flags['env-file'] ?? null,
    faults,
  }
  const { startSandbox } = await import('../sandbox/sandbox.js')
  const sandbox = await startSandbox(options)
  const signals = listenForStop(() => process.exit(0))
  try {
    const { url } = sandbox
    const document: SandboxDocument = { schema: 'wsctl/sandbox@1', server: url, token: flags.token }
    command.print(document, () => describe(url, settings.users, flags.token))
    if (settings.restartAfter !== undefined) void restartLater(command, sandbox, settings.restartAfter, signals.signal)
    while (!signals.signal.aborted) await systemClock.sleep(60_000, signals.signal)
  } finally {
    signals.release()
    await sandbox.close()
  }
}

async function restartLater(
  command: BaseCommand,
  sandbox: Sandbox,
  afterMs: number,
  signal: AbortSignal,
): Promise<void> {
  await systemClock.sleep(afterMs, signal)
  if (signal.aborted) return
  await sandbox.restart()
  command.note('The sandbox restarted: counters at 0, settings as in its environment file.')
}

function describe(url: string, users: number, token: string): string {
  return [
    `A sandbox with ${users} users listens on ${url} until you press Ctrl-C. In another terminal:`,
    '',
    `  export WSCTL_SERVER=${url} WSCTL_TOKEN=${token}`,
    '  wsctl status --watch',
    '  wsctl deploy gradual --max-percentage 50 --step-size 15 --step-duration 10s --poll-interval 1s',
    '',
    'Make something go wrong while it runs:',
    '',
    `  curl -d '{"fail":{"probability":0.5,"fromPercentage":20}}' ${url}/__sandbox__/faults`,
    `  curl -d '{"refuse":{"probability":1}}' ${url}/__sandbox__/faults`,
    `  curl -X POST ${url}/__sandbox__/restart`,
    `  curl -d '{}' ${url}/__sandbox__/faults        # all well again`,
  ].join('\n')
}
