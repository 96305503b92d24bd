import { FileState } from '../adapters/file-state.js'
import type { StateStore } from '../ports/state-store.js'
import type { Settings } from './settings.js'

/** Of the settings, those that say where the state is. */
export type StateSettings = Pick<Settings, 'stateDir'>

/** Opens what outlives a process: journals, locks, the audit record, orders. The one place that knows where they are. */
export function openState({ stateDir }: StateSettings): Promise<StateStore> {
  return Promise.resolve(new FileState(stateDir))
}
