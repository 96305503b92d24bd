import type { Clock } from '../ports/clock.js'

/** The longest that a timer can count, ms: one that is set to more rings at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The machine's clocks; the only place that sets a timer for the control loop. */
export const systemClock: Clock = {
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
  wallTime: () => new Date(),
  async sleep(ms, signal) {
    for (let leftMs = ms; leftMs > 0 && signal?.aborted !== true; leftMs -= LONGEST_TIMER_MS) {
      await pause(Math.min(leftMs, LONGEST_TIMER_MS), signal)
    }
  },
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(wake, ms)
    signal?.addEventListener('abort', wake, { once: true })
  })
}
