import type { Writable } from 'node:stream'
import { systemClock } from '../adapters/system-clock.js'

/** How long the end of a run waits for who reads what it printed, ms. */
const READ_WITHIN_MS = 1000

let isBounded = false
let loss: Error | null = null

/**
 * Keeps an account of what becomes of stdout, and keeps oclif from ending the process over it: that would leave a
 * rollout alone because a disk is full. To be called again once oclif's own class of commands is loaded, for it listens
 * from then on.
 */
export function watchStdout(): void {
  process.stdout.removeAllListeners('error').on('error', (error: NodeJS.ErrnoException) => {
    // A reader that left has seen what it wanted.
    if (error.code !== 'EPIPE') loss ??= error
  })
}

/** Why output was lost; null when none was. */
export function stdoutLoss(): Error | null {
  return loss
}

/**
 * From now on the process ends on time, whoever still has to read its output: the exit code of a run is waited for.
 * Of anything else the output is the purpose, and a pager may take as long as it likes.
 */
export function endOnTime(): void {
  isBounded = true
}

/** Whether `endOnTime` was asked for. */
export function endsOnTime(): boolean {
  return isBounded
}

/** Waits until a stream has handed on what was written to it, or has failed; false when it was given up. */
export async function handedOn(stream: Writable): Promise<boolean> {
  const written = new Promise<true>((resolve) => {
    stream.once('error', () => resolve(true))
    stream.write('', () => resolve(true))
  })
  return isBounded ? within(READ_WITHIN_MS, written) : written
}

/** Whether something is done in time. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const done = new AbortController()
  const isDone = work.then(() => true)
  const isLate = systemClock.sleep(ms, done.signal).then(() => false)
  return Promise.race([isDone, isLate]).finally(() => done.abort())
}
