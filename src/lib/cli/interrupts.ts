import type { Mailbox } from '../adapters/mailbox.js'
import { systemClock } from '../adapters/system-clock.js'
import type { RolloutPlan, RolloutState } from '../core/rollout.js'
import type { Clock } from '../ports/clock.js'
import type { Sink } from '../ports/sink.js'
import { formatDuration } from '../render/format.js'
import { wrap } from '../render/text.js'
import type { BaseCommand } from './base-command.js'
import { listenForSignals } from './signals.js'

/** A run that has not taken note of a request to stop by then is in the middle of a call that is not given up, ms. */
const NOTED_WITHIN_MS = 250

export interface InterruptOptions {
  readonly inbox: Mailbox
  /** Of a request to the server, ms. */
  readonly timeoutMs: number
  /** Called when Ctrl-C or SIGTERM comes again. */
  readonly onInsist: (state: RolloutState | null) => void
  readonly ignoreHangup: boolean
  readonly clock?: Clock
}

/**
 * Tells a run when it is to stop, and the operator that it was heard, should the run be busy with a request. The run is
 * followed by `sink`.
 */
export function hearInterrupts(
  command: Pick<BaseCommand, 'screen' | 'note'>,
  plan: RolloutPlan,
  { inbox, timeoutMs, onInsist, ignoreHangup, clock = systemClock }: InterruptOptions,
): { readonly sink: Sink; readonly release: () => void } {
  const noted = new AbortController()
  let latest: RolloutState | null = null
  const acknowledge = async (): Promise<void> => {
    await clock.sleep(NOTED_WITHIN_MS, noted.signal)
    if (noted.signal.aborted) return
    const text = acknowledgement(plan, latest, timeoutMs)
    command.note(wrap(text, command.screen.err.width - 1).join('\n'))
  }
  const release = listenForSignals(
    {
      onRequest: (signal) => {
        inbox.post({ kind: 'interrupted', signal })
        void acknowledge()
      },
      onInsist: () => onInsist(latest),
    },
    { ignoreHangup, clock },
  )
  return {
    sink: {
      notify: (event, state) => {
        latest = state
        if (event.type === 'interrupted' || event.type === 'finished') noted.abort()
      },
      close: () => noted.abort(),
    },
    release,
  }
}

/** What becomes of a request to stop, for who waits at the terminal. */
export function acknowledgement(
  { onInterrupt }: Pick<RolloutPlan, 'onInterrupt'>,
  state: RolloutState | null,
  timeoutMs: number,
): string {
  if (state?.phase.name === 'rolling-back') {
    return 'Interrupted: the rollback under way is finished first; Ctrl-C once more leaves it at once'
  }
  const then = {
    hold: 'the percentage is held where it is',
    rollback: 'everybody is taken back',
    finish: 'watching ends',
  }[onInterrupt]
  const when = `as soon as the present request has been answered, within ${formatDuration(timeoutMs)}`
  return `Interrupted: ${then} ${when}; Ctrl-C once more leaves at once`
}
