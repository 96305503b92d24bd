import { systemClock } from '../adapters/system-clock.js'
import { CallError } from '../core/error.js'
import { formatDuration, formatInstant } from '../render/format.js'
import type { BaseCommand } from './base-command.js'
import { reportError } from './report-error.js'
import { listenForStop } from './signals.js'

const CLEAR_SCREEN = '\u001B[H\u001B[2J\u001B[3J'

/**
 * Looks again and again until stopped, or until nobody reads what it shows. A server that does not answer for a while is told, not the
 * end: whoever watches wants to see it come back.
 */
export async function watch(command: BaseCommand, look: () => Promise<void>, intervalMs: number): Promise<void> {
  const signals = listenForStop(() => process.exit(0))
  const { stdout, out, err } = command.screen
  const redraw = stdout.isTTY === true
  const unread = new AbortController()
  const leave = (): void => unread.abort()
  stdout.on('error', leave)
  const end = AbortSignal.any([signals.signal, unread.signal])
  try {
    while (!end.aborted) {
      if (redraw) stdout.write(CLEAR_SCREEN)
      try {
        await look()
      } catch (error) {
        if (!(error instanceof CallError)) throw error
        await reportError(error, err)
      }
      const time = formatInstant(systemClock.wallTime().toISOString())
      stdout.write(`${out.palette.dim(`looked at ${time}, again in ${formatDuration(intervalMs)}`)}\n`)
      if (!redraw) stdout.write('\n')
      await systemClock.sleep(intervalMs, end)
    }
  } finally {
    stdout.off('error', leave)
    signals.release()
  }
}
