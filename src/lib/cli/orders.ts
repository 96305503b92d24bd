import { randomUUID } from 'node:crypto'
import type { Mailbox } from '../adapters/mailbox.js'
import { diskPatience } from '../adapters/patience.js'
import { foldOnto } from '../core/fold.js'
import { systemClock } from '../adapters/system-clock.js'
import { toOrderTaken } from '../contract/rollout.js'
import type { Command, Order } from '../core/control.js'
import { WsctlError } from '../core/error.js'
import type { RolloutState } from '../core/rollout.js'
import type { RunStore } from '../ports/state-store.js'
import { orderText } from '../render/rollouts.js'
import type { BaseCommand } from './base-command.js'
import { findRunAtWork, type RunFlags } from './runs-at-work.js'
import type { Equipment } from './operation.js'
import { confirmChange } from './protection.js'
import { operatorName } from './environment.js'
import { answering } from './state-folder.js'
import { openState } from './state-store.js'

/**
 * Has the orders to a run passed on to it. One that cannot be told anything goes on all the same.
 *
 * @returns stops it
 */
export async function receiveOrders({ id, state }: Equipment, inbox: Mailbox): Promise<() => Promise<void>> {
  try {
    const pass = (command: Command): void => inbox.post({ kind: 'commanded', command })
    const following = state.orders(id).follow(pass, () => systemClock.wallTime())
    const stop = await diskPatience.wait(following, 'the folder of the orders')
    return () => diskPatience.wait(stop(), 'the folder of the orders').catch(() => undefined)
  } catch {
    return () => Promise.resolve()
  }
}

/** What an operator wants of a run. */
export interface OrderRequest {
  readonly order: Order
  /** Id of the run or its beginning; undefined: the one that is under way. */
  readonly id: string | undefined
  /** Number of the step that a promotion means, from 1; undefined: the one that is under way now. */
  readonly step?: number | undefined
  readonly reason: string | undefined
}

/** Orders that end a run: who gives one wants to know how it ended. */
const ENDING: ReadonlySet<Order> = new Set(['hold', 'abort'])

/** Orders that let a run raise. */
const RAISING: ReadonlySet<Order> = new Set(['resume', 'promote'])

/** How long a run may take to take note of an order: longer than any request, ms. */
const ANSWER_MS = 60_000

/**
 * Gives an order to a run under way, and tells what became of it. A dry run only tells whether it would be followed.
 *
 * @throws WsctlError `not-running` or `objected` (exit 13), `no-answer` (exit 14)
 */
export async function giveOrder(
  command: BaseCommand,
  flags: RunFlags & { readonly yes?: boolean | undefined; readonly 'dry-run'?: boolean | undefined },
  request: OrderRequest,
): Promise<void> {
  const { order, reason = null } = request
  const run = await findRunAtWork(flags, command.environment, request.id)
  const { id, server, environmentFile } = run.state.plan
  const step = request.step === undefined ? stepMeant(order, run.state) : request.step - 1
  const given: Command = { id: randomUUID(), order, step, by: operatorName(command.environment), reason }
  const state = await openState(run.settings)
  const orders = state.orders(id)
  if (flags['dry-run'] === true) {
    const { previewOrder } = await import('./dry-run.js')
    return previewOrder(command, orders.place, given, run.state)
  }
  if (RAISING.has(order)) {
    const sentence = `${command.typed} is about to let ${id} raise ${server}`
    await confirmChange(command, { server, environmentFile, sentence }, flags.yes ?? false)
  }
  await answering(orders.give(given, systemClock.wallTime()), run.settings)
  const answer = await answerTo(given, id, state.runs)
  if (answer === null) {
    const isTaken = !(await orders.withdraw(given))
    throw new WsctlError(
      'no-answer',
      `run ${id} did not take note of the order within ${ANSWER_MS / 1000} s` +
        (isTaken ? '; it may still do so' : ', so it was taken back'),
      { outcome: 'unreachable', suggestions: ['see how it fares: wsctl rollout list', 'wsctl rollback emergency'] },
    )
  }
  const { objection, state: told } = answer
  if (objection !== null) {
    throw new WsctlError('objected', `${order} was refused: ${objection}. Nothing was changed`, {
      outcome: 'refused',
      suggestions: [`see where it is: wsctl rollout show ${id}`],
    })
  }
  if (told.phase.name === 'finished' && told.phase.outcome === 'rollback-unverified') {
    throw new WsctlError('rollback-unverified', told.phase.reason, {
      outcome: 'rollback-unverified',
      suggestions: ['wsctl rollback emergency', `see what happened: wsctl history ${id}`],
    })
  }
  command.print(toOrderTaken(given, told), ({ out }) => orderText(given, told, out))
}

/** A promotion without a step means the one that its giver can see now; it is stale once that is over. */
function stepMeant(order: Order, state: RolloutState): number | null {
  return order === 'promote' ? state.stepIndex : null
}

interface OrderAnswer {
  readonly objection: string | null
  /** The run after it. */
  readonly state: RolloutState
}

async function answerTo(given: Command, runId: string, runs: RunStore): Promise<OrderAnswer | null> {
  let state: RolloutState | null = null
  let isFollowed = false
  const givenMs = systemClock.monotonicMs()
  const signal = new AbortController().signal
  for await (const events of runs.follow(runId, { clock: systemClock, signal })) {
    for (const event of events) {
      state = foldOnto(state, event)
      if (event.type !== 'commanded' || event.command.id !== given.id || state === null) continue
      const { objection } = event
      if (objection !== null || !ENDING.has(given.order)) return { objection, state }
      isFollowed = true
    }
    if (state?.phase.name === 'finished') {
      return { objection: isFollowed ? null : 'the run came to its end first', state }
    }
    const limitMs = isFollowed ? ANSWER_MS + (state?.plan.rollbackTimeoutMs ?? 0) : ANSWER_MS
    if (systemClock.monotonicMs() - givenMs > limitMs) return null
  }
  return null
}
