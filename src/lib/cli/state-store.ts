import { FileState } from '../adapters/file-state.js'
import type { PostgresState } from '../adapters/postgres/state.js'
import { systemClock } from '../adapters/system-clock.js'
import { parseStateAddress } from '../contract/state-address.js'
import { WsctlError } from '../core/error.js'
import type { StateStore } from '../ports/state-store.js'
import type { Settings } from './settings.js'

/** Of the settings, those that say where the state is. */
export type StateSettings = Pick<Settings, 'stateDir' | 'state'>

/** Pause before a shared state that is away is tried again, ms. */
const AGAIN_MS = 2000

/** One connection for the process, whoever asks for it. */
const shared = new Map<string, Promise<PostgresState>>()

/**
 * Opens what outlives a process: journals, locks, the audit record, orders. The one place that knows where they
 * are.
 */
export function openState({ stateDir, state }: StateSettings): Promise<StateStore> {
  return state === null ? Promise.resolve(new FileState(stateDir)) : openShared(state, stateDir)
}

/**
 * Connects to the shared state.
 *
 * @param options.mayMigrate false for an emergency, which has no time to have tables made
 * @returns what an operator has to know, a line each
 * @throws WsctlError `state-unreachable`, `state-refused` or `state-newer` (exit 2)
 */
export async function prepareShared(
  state: string,
  stateDir: string,
  options: { readonly mayMigrate: boolean },
): Promise<readonly string[]> {
  return (await openShared(state, stateDir)).prepare(options)
}

/** Waits until the shared state can be used: for who takes over, and would else leave users where they are. */
export async function awaitState({ stateDir, state }: StateSettings): Promise<void> {
  if (state === null) return
  for (;;) {
    try {
      await prepareShared(state, stateDir, { mayMigrate: true })
      return
    } catch (error) {
      if (!(error instanceof WsctlError) || error.code !== 'state-unreachable') throw error
      await systemClock.sleep(AGAIN_MS)
    }
  }
}

/** Has a command go on without the shared state: what is asked of it fails at once, and what a run does waits on disk. */
export async function doWithoutShared({ stateDir, state }: StateSettings, why: WsctlError): Promise<void> {
  if (state !== null) (await openShared(state, stateDir)).giveUp(why)
}

/** Lets the process end. */
export async function closeState(): Promise<void> {
  for (const state of shared.values()) await (await state).close()
}

function openShared(url: string, stateDir: string): Promise<PostgresState> {
  const known = shared.get(url) ?? openPostgres(url, stateDir)
  shared.set(url, known)
  return known
}

async function openPostgres(url: string, stateDir: string): Promise<PostgresState> {
  const address = parseStateAddress(url)
  // A process that takes over inherits it; its arguments, which anybody can list, do not hold it.
  if (address.password !== null) process.env['PGPASSWORD'] = address.password
  const { PostgresState } = await import('../adapters/postgres/state.js')
  return new PostgresState(address, stateDir)
}
