import { systemClock } from '../adapters/system-clock.js'
import { toStatusDocument } from '../contract/status.js'
import { lookOptionsSchema, parseOptions } from '../contract/options.js'
import { parseCondition, type Condition } from '../core/condition.js'
import { exitCodeOf } from '../core/outcome.js'
import { usageError } from '../core/error.js'
import { formatInstant } from '../render/format.js'
import { LEVEL_WORDS } from '../render/palette.js'
import type { BaseCommand } from './base-command.js'
import { connectAll } from './connect.js'
import type { Settings } from './settings.js'
import { unfinishedRuns } from './taken-over.js'
import { waitFor, type Look } from './wait.js'

const WAIT_MS = 5 * 60_000

interface LookFlags {
  readonly watch: boolean
  readonly json: boolean
  readonly interval: string
  readonly 'wait-for'?: readonly string[] | undefined
  readonly 'wait-timeout'?: string | undefined
}

/**
 * How often the server is looked at, and until when.
 *
 * @throws WsctlError (usage)
 */
export function readLookOptions(flags: LookFlags) {
  if (flags.watch && flags.json) {
    throw usageError('--watch shows the status again and again, --json prints one document', 'give one of them')
  }
  if (flags.watch && flags['wait-for']) {
    throw usageError('--watch goes on until it is stopped, --wait-for until something is true', 'give one of them')
  }
  const times = parseOptions(lookOptionsSchema, { interval: flags.interval, waitTimeout: flags['wait-timeout'] })
  return { ...times, conditions: flags['wait-for']?.map(parseCondition) }
}

/** A look at the server, each over fresh connections; given up after so many ms, if any are named. */
export async function statusOf(settings: Settings): Promise<(withinMs?: number) => Promise<Look>> {
  const api = await connectAll(settings)
  return async (withinMs) => {
    const signal = withinMs === undefined ? undefined : AbortSignal.timeout(withinMs)
    const [status, health] = await Promise.all([api.readStatus(signal), api.health(signal)])
    return { status, health }
  }
}

export async function printStatus(command: BaseCommand, settings: Settings, { status, health }: Look): Promise<void> {
  const unfinished = command.json ? await unfinishedRuns(settings) : []
  const document = toStatusDocument(settings.server, status, health, unfinished)
  if (document.members?.some(({ failure }) => failure !== null)) process.exitCode = exitCodeOf('unreachable')
  const { statusTable } = await import('../render/tables.js')
  command.print(document, ({ out }) => statusTable(document, out))
}

/** Waits for conditions, with a line on stderr whenever something else is seen. */
export async function waitUntil(
  command: BaseCommand,
  look: (withinMs: number) => Promise<Look>,
  conditions: readonly Condition[],
  { interval, waitTimeout = WAIT_MS }: { readonly interval: number; readonly waitTimeout?: number | undefined },
): Promise<Look> {
  const wanted = conditions.map(({ text }) => text).join(' and ')
  const tell = (message: string): void =>
    command.note(
      `${formatInstant(systemClock.wallTime().toISOString())} ${LEVEL_WORDS.info} waiting for ${wanted}: ${message}`,
    )
  return waitFor(look, { conditions, limitMs: waitTimeout, intervalMs: interval, clock: systemClock, tell })
}
