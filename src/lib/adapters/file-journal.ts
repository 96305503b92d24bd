import type { FileHandle } from 'node:fs/promises'
import { encodeEvent } from '../contract/event.js'
import type { RolloutEvent } from '../core/event.js'
import type { RolloutState } from '../core/rollout.js'
import type { Journal } from '../ports/journal.js'
import { foldOnto } from '../core/fold.js'
import type { SnapshotFile } from './snapshot-file.js'

/** Events between two snapshots: few enough to be folded in no time, and a file of minutes and not of seconds. */
const EVENTS_PER_SNAPSHOT = 1000

/** What a journal holds already. */
export interface Recorded {
  /** Length of all whole lines, bytes. */
  readonly bytes: number
  readonly lines: number
  /** What they fold to; null when there is none. */
  readonly state: RolloutState | null
}

export const NOTHING_RECORDED: Recorded = { bytes: 0, lines: 0, state: null }

/** A journal that is a file of JSON lines. Now and then it leaves a snapshot of what its lines fold to. */
export class FileJournal implements Journal {
  #recorded: Recorded
  #snapshotSeq: number

  constructor(
    private readonly id: string,
    private readonly file: FileHandle,
    private readonly snapshots: SnapshotFile,
    recorded: Recorded = NOTHING_RECORDED,
  ) {
    this.#recorded = recorded
    this.#snapshotSeq = recorded.state?.seq ?? 0
  }

  async append(event: RolloutEvent): Promise<void> {
    const line = Buffer.from(`${encodeEvent(event, this.id)}\n`)
    const { bytes, lines, state } = this.#recorded
    try {
      await this.file.appendFile(line)
      await this.file.datasync()
    } catch (error) {
      // Half a line, left by a full disk, would run into the next one and make the journal unreadable.
      await this.file.truncate(bytes).catch(() => undefined)
      throw error
    }
    this.#recorded = { bytes: bytes + line.length, lines: lines + 1, state: foldOnto(state, event) }
    this.#keepSnapshot()
  }

  async close(): Promise<void> {
    await this.file.close()
  }

  #keepSnapshot(): void {
    const { state, ...length } = this.#recorded
    if (state === null || state.seq - this.#snapshotSeq < EVENTS_PER_SNAPSHOT) return
    this.#snapshotSeq = state.seq
    this.snapshots.keep({ ...length, state })
  }
}
