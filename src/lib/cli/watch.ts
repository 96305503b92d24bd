import { systemClock } from '../adapters/system-clock.js'
import { CallError, type CallFailure } from '../core/error.js'
import { LONGEST_RETRY_AFTER_MS, pauseAfter } from '../core/pause.js'
import { formatDuration, formatInstant } from '../render/format.js'
import type { BaseCommand } from './base-command.js'
import { reportError } from './report-error.js'
import { listenForStop } from './signals.js'

const CLEAR_SCREEN = '\u001B[H\u001B[2J\u001B[3J'

/**
 * Looks again and again until stopped, or until nobody reads what it shows. A server that does not answer for a while is
 * told, not the end: whoever watches wants to see it come back.
 */
export async function watch(command: BaseCommand, look: () => Promise<void>, intervalMs: number): Promise<void> {
  const signals = listenForStop(() => process.exit(0))
  const { stdout, out, err } = command.screen
  const redraw = stdout.isTTY === true
  const unread = new AbortController()
  const leave = (): void => unread.abort()
  stdout.on('error', leave)
  const end = AbortSignal.any([signals.signal, unread.signal])
  let rhythm: Rhythm = { everyMs: intervalMs, nextMs: intervalMs }
  try {
    while (!end.aborted) {
      if (redraw) stdout.write(CLEAR_SCREEN)
      let failure: CallFailure | null = null
      try {
        await look()
      } catch (error) {
        if (!(error instanceof CallError)) throw error
        failure = error.failure
        await reportError(error, err)
      }
      rhythm = nextRhythm(rhythm, failure)
      const time = formatInstant(systemClock.wallTime().toISOString())
      const slower = failure?.kind === 'rate-limited' ? `, then every ${formatDuration(rhythm.everyMs)}` : ''
      stdout.write(`${out.palette.dim(`looked at ${time}, again in ${formatDuration(rhythm.nextMs)}${slower}`)}\n`)
      if (!redraw) stdout.write('\n')
      await systemClock.sleep(rhythm.nextMs, end)
    }
  } finally {
    stdout.off('error', leave)
    signals.release()
  }
}

/** How often somebody looks, and how long it is until the next look, ms. */
interface Rhythm {
  readonly everyMs: number
  readonly nextMs: number
}

/**
 * Who only looks lets a rollout go first: each time the server refuses a look for its pace, the next ones come half as
 * often, down to one a minute, and the first of them not before the pause that it asks for.
 */
export function nextRhythm({ everyMs }: Rhythm, failure: CallFailure | null): Rhythm {
  if (failure?.kind !== 'rate-limited') return { everyMs, nextMs: everyMs }
  const slowerMs = Math.max(everyMs, Math.min(2 * everyMs, LONGEST_RETRY_AFTER_MS))
  return { everyMs: slowerMs, nextMs: pauseAfter(failure, slowerMs) }
}
