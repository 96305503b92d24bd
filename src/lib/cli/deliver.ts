import { systemClock } from '../adapters/system-clock.js'
import { encodeNoticeSetup, type NoticeSetup } from '../contract/notification.js'
import { foldOnto } from '../core/fold.js'
import type { RolloutState } from '../core/rollout.js'
import { FINISH_WITHIN_MS, NoticeDelivery } from '../engine/deliver-notices.js'
import { adviceFor } from './advice.js'
import type { BaseCommand } from './base-command.js'
import type { Equipment } from './operation.js'
import { listenForStop } from './signals.js'
import { tell } from './tell.js'

/** How long nothing is said of a wait for the last messages, ms. */
const SILENT_MS = 1000

/**
 * Begins to deliver the messages of a run, with those that a process before this one left undelivered.
 *
 * @param left the run as its journal tells it; null when it is about to begin
 */
export async function openDelivery(equipment: Equipment, left: RolloutState | null): Promise<NoticeDelivery | null> {
  const { id, state, settings, notices } = equipment
  if (notices === null) return null
  const { composeNotice } = await import('../render/notice.js')
  const { contacts } = notices.setup
  const advice = (state: RolloutState): readonly string[] => adviceFor(state, settings)
  const delivery = new NoticeDelivery({
    targets: notices.targets,
    record: state.deliveries(id),
    clock: systemClock,
    compose: (event, state) => composeNotice(event, state, { contacts, advice }),
  })
  if (left !== null) await catchUp(delivery, equipment, notices.setup)
  return delivery
}

/** Messages of events that are recorded and not settled; one that was delivered is not sent again. */
async function catchUp(delivery: NoticeDelivery, { runs, id }: Equipment, { after }: NoticeSetup): Promise<void> {
  const events = await runs.events(id).catch(() => [])
  let state: RolloutState | null = null
  for (const event of events) {
    state = foldOnto(state, event)
    if (state !== null && event.seq > after) delivery.take(event, state)
  }
}

/**
 * Keeps who is told of a run, for a process that takes it up. Where that cannot be kept, the run goes on
 * all the same.
 */
export async function keepNotices({ id, state, notices }: Equipment): Promise<void> {
  if (notices === null) return
  try {
    await state.noticeSetup(id).write(encodeNoticeSetup(notices.setup))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    tell(`Warning: a process that takes this run up will notify nobody: ${reason}`)
  }
}

/**
 * Waits a while for the last messages, or until it is asked to stop.
 *
 * @returns a warning for each message that did not arrive
 */
export async function finishDelivery(command: BaseCommand, delivery: NoticeDelivery): Promise<readonly string[]> {
  const stop = listenForStop(() => undefined, { ignoreHangup: true })
  const done = new AbortController()
  const tell = async (): Promise<void> => {
    await systemClock.sleep(SILENT_MS, done.signal)
    if (done.signal.aborted) return
    command.note(
      `Delivering the last notifications (${delivery.pending}), for up to ${FINISH_WITHIN_MS / 1000} s; Ctrl-C ends it.`,
    )
  }
  try {
    const telling = tell()
    const undelivered = await delivery.finish(stop.signal)
    done.abort()
    await telling
    return undelivered.map(
      ({ notice, target, reason }) => `the notification "${notice.event}" did not reach ${target}: ${reason}`,
    )
  } finally {
    stop.release()
  }
}
