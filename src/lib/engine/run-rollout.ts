import { decide, stamp } from '../core/decide.js'
import type { EventOf, Instant, Observation, RolloutEvent } from '../core/event.js'
import { begin, evolve } from '../core/evolve.js'
import { nextAction } from '../core/next-action.js'
import { isGoingBack, needsJournal, type RolloutPlan, type RolloutState } from '../core/rollout.js'
import type { Inbox } from '../ports/inbox.js'
import type { Journal } from '../ports/journal.js'
import type { Sink } from '../ports/sink.js'
import { instant, perform, type Performers } from './perform.js'

export interface RolloutPorts extends Performers {
  readonly journal: Journal
  readonly sink: Sink
  readonly inbox: Inbox
}

/** Who goes on with a run, and how. */
export type Successor = Pick<EventOf<'resumed'>, 'operator' | 'policy' | 'backgroundPid'>

/**
 * Starts a run.
 *
 * @throws WsctlError when the journal cannot be written, before anything was sent to the server;
 *   one that can only lower or watch goes on without
 */
export async function startRollout(plan: RolloutPlan, operator: string, ports: RolloutPorts): Promise<RolloutState> {
  const started = stamp({ type: 'started', plan, operator } as const, 1, instant(ports.clock))
  const state = begin(started)
  let failure: string | null = null
  try {
    await ports.journal.append(started)
  } catch (error) {
    if (needsJournal(plan)) throw error
    failure = messageOf(error)
  }
  ports.sink.notify(started, state)
  return continueRollout(failure === null ? state : await goOnWithoutJournal(state, failure, started, ports), ports)
}

/**
 * Takes up a run whose process died, as its journal tells it.
 *
 * @param left the state that its events fold to
 * @throws WsctlError when the journal cannot be written, before anything was sent to the server
 */
export async function resumeRollout(
  left: RolloutState,
  successor: Successor,
  ports: RolloutPorts,
): Promise<RolloutState> {
  const resumed = stamp({ type: 'resumed', ...successor }, left.seq + 1, instant(ports.clock))
  const state = evolve(left, resumed)
  await ports.journal.append(resumed)
  ports.sink.notify(resumed, state)
  return continueRollout(state, ports)
}

/**
 * The loop: what was observed decides what happened, which is on disk before anything is done about
 * it. The same loop serves a fresh run and one that was taken up again.
 */
async function continueRollout(initial: RolloutState, ports: RolloutPorts): Promise<RolloutState> {
  let state = initial
  let observation: Observation = { kind: 'begun', ...instant(ports.clock) }
  for (;;) {
    const recorded = await record(state, decide(state, observation), ports)
    if (recorded.failure !== null) {
      // What was observed stays true: it is decided on again, now knowing that the journal failed.
      if (recorded.state !== state) observation = { kind: 'begun', ...instant(ports.clock) }
      state = await goOnWithoutJournal(recorded.state, recorded.failure, observation, ports)
      continue
    }
    state = recorded.state
    if (state.phase.name === 'finished') return state
    observation = await act(state, ports)
  }
}

async function act(state: RolloutState, ports: RolloutPorts): Promise<Observation> {
  const { clock, inbox } = ports
  const action = nextAction(state, clock.monotonicMs())
  if (action.delayMs > 0) await clock.sleep(action.delayMs, inbox.signal)
  const arrival = inbox.take()
  if (arrival !== null) return { ...arrival, ...instant(clock) }
  // What goes back is finished first: its readings are waited for, and count whatever comes meanwhile.
  if (isGoingBack(state)) return perform(action, ports)
  const stop = inbox.stopSignal
  const observation = await perform(action, ports, stop)
  // A reading can be made again, and what came meanwhile goes before what follows from it. One that was given up
  // for it says nothing of the server.
  const isGivenUp = observation.kind === 'read-failed' && stop.aborted
  const overtaking = observation.kind === 'status-read' || isGivenUp ? inbox.take() : null
  return overtaking ? { ...overtaking, ...instant(clock) } : observation
}

/** Tells the run that its journal failed, and the journal as well, should it have recovered. */
async function goOnWithoutJournal(
  state: RolloutState,
  message: string,
  at: Instant,
  ports: RolloutPorts,
): Promise<RolloutState> {
  const failed = stamp({ type: 'journal-failed', message }, state.seq + 1, at)
  return (await record(state, [failed], ports)).state
}

/**
 * Journals events one by one. When the journal fails, what was not recorded is not believed, so the
 * core can decide again knowing that; once it has failed, a run only holds or goes down, and that
 * does not wait for a disk.
 */
async function record(
  initial: RolloutState,
  events: readonly RolloutEvent[],
  { journal, sink }: RolloutPorts,
): Promise<{ readonly state: RolloutState; readonly failure: string | null }> {
  let state = initial
  for (const event of events) {
    try {
      await journal.append(event)
    } catch (error) {
      if (!state.journalFailed && event.type !== 'journal-failed') return { state, failure: messageOf(error) }
    }
    state = evolve(state, event)
    sink.notify(event, state)
  }
  return { state, failure: null }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
