import { isOnLocalDisk } from '../adapters/local-disk.js'
import { lookIntoFolder } from '../adapters/look-into-folder.js'
import { diskPatience } from '../adapters/patience.js'
import { usageError, WsctlError } from '../core/error.js'
import { endOnTime } from './output.js'
import { NOWHERE } from './platform-folders.js'
import { prepareShared, type StateSettings } from './state-store.js'
import { tell } from './tell.js'

export interface RecordsOptions {
  /** False for an emergency, which has no time to have tables made. */
  readonly mayMigrate: boolean
}

/**
 * Makes sure that there is a shared state, or else a folder of the records, and that it answers: a network folder that hangs must not
 * keep a command waiting for ever. What is wrong with it otherwise is told by who reads or writes there.
 *
 * @throws WsctlError `disk-hangs`, usage, or what is wrong with the shared state (all exit 2)
 */
export async function requireRecords(
  { stateDir, state }: StateSettings,
  options: RecordsOptions = { mayMigrate: true },
): Promise<void> {
  if (state !== null) {
    for (const line of await prepareShared(state, stateDir, options)) tell(`Note: ${line}`)
    return
  }
  if (stateDir === NOWHERE) {
    throw usageError(
      'no folder for the records is known: the account has no home, and HOME is not set, is empty or relative',
      'name one: --state-dir DIR (or WSCTL_STATE_DIR)',
    )
  }
  if (isOnLocalDisk(stateDir)) return
  const done = new AbortController()
  try {
    await answering(lookIntoFolder(stateDir, done.signal), { stateDir, state })
  } finally {
    done.abort()
  }
}

/**
 * Waits for something in the folder of the records, for a moment only.
 *
 * @throws WsctlError `disk-hangs` (exit 2); the process then ends without what still hangs
 */
export async function answering<T>(work: Promise<T>, { stateDir }: StateSettings): Promise<T> {
  try {
    return await diskPatience.wait(work, `the folder of the records, ${stateDir},`)
  } catch (error) {
    if (!(error instanceof WsctlError) || error.code !== 'disk-hangs') throw error
    endOnTime()
    const { code, message, outcome, suggestions } = error
    throw new WsctlError(code, message, {
      outcome,
      suggestions: [
        ...suggestions,
        `to see whether it answers: ls ${stateDir}`,
        'to take everybody back all the same: wsctl rollback emergency',
      ],
    })
  }
}

/** For what is only told beside: null when the records do not answer, which has been told by then. */
export async function unlessSilent<T>(look: Promise<T>): Promise<T | null> {
  try {
    return await look
  } catch (error) {
    if (error instanceof WsctlError) return null
    throw error
  }
}
