import { open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WsctlError } from '../core/error.js'
import type { EventOf, RolloutEvent } from '../core/event.js'
import type { RolloutPlan, RolloutState } from '../core/rollout.js'
import type { Clock } from '../ports/clock.js'
import type { Journal } from '../ports/journal.js'
import type { Glance, Outline, RunStore } from '../ports/state-store.js'
import { FileJournal, NOTHING_RECORDED, type Recorded } from './file-journal.js'
import { foldOnto, isStart } from '../core/fold.js'
import {
  countLines,
  decodeLines,
  decodeUntilDamage,
  readFirstLine,
  readFrom,
  readTail,
  wholeLines,
  type LinesPlace,
} from './journal-lines.js'
import { makeFolder } from './make-folder.js'
import { findAmong, glanceOf, noBeginning, reasonOf } from './run-records.js'
import { SnapshotFile } from './snapshot-file.js'

const SUFFIX = '.jsonl'
/** How often a journal that is followed is looked at, ms. */
const FOLLOW_MS = 200

/**
 * The records of all runs: one journal a run, JSON lines, in a folder that only its owner can read.
 * Ids begin with the date, so their order is that of the runs.
 */
export class RunFolder implements RunStore {
  readonly place: string

  /** @param stateDir folder of all records; made when the first run is recorded */
  constructor(stateDir: string) {
    this.place = join(stateDir, 'runs')
  }

  /**
   * Starts a new journal.
   *
   * @throws WsctlError `journal-unwritable` (exit 2)
   */
  async create(id: string): Promise<Journal> {
    try {
      await makeFolder(this.place)
      const file = await open(this.placeOf(id), 'ax', 0o600)
      await syncFolder(this.place)
      return new FileJournal(id, file, this.snapshotOf(id))
    } catch (error) {
      throw unwritable(`the journal ${this.placeOf(id)}`, error)
    }
  }

  /**
   * Whether a journal could be kept: writes a file to disk, and takes it away again.
   *
   * @throws WsctlError `journal-unwritable` (exit 2)
   */
  async checkWritable(): Promise<void> {
    const path = join(this.place, `.writable-${process.pid}`)
    try {
      await makeFolder(this.place)
      await writeFile(path, 'A journal could be kept here.\n', { mode: 0o600, flush: true })
      await rm(path)
    } catch (error) {
      throw unwritable(`the folder of the records, ${this.place},`, error)
    }
  }

  /** Ids of all runs, newest first; empty when nothing has been recorded. */
  async ids(): Promise<readonly string[]> {
    try {
      const names = await readdir(this.place)
      return names
        .filter((name) => name.endsWith(SUFFIX))
        .map((name) => name.slice(0, -SUFFIX.length))
        .sort()
        .reverse()
    } catch (error) {
      if (isMissing(error)) return []
      throw this.unreadable(error)
    }
  }

  async find(prefix: string): Promise<string> {
    return findAmong(await this.ids(), prefix, this.place)
  }

  /**
   * The events of a run, oldest first. A last line that was torn by a crash is left out.
   *
   * @throws WsctlError `journal-unreadable` or `journal-newer`
   */
  async events(id: string): Promise<readonly RolloutEvent[]> {
    return decodeLines(wholeLines(await this.readable(readFile(this.placeOf(id)))), this.linesOf(id))
  }

  /** As `events`, up to the first line that is damaged; null: none is. */
  async eventsUntilDamage(id: string): Promise<ReturnType<typeof decodeUntilDamage>> {
    return decodeUntilDamage(wholeLines(await this.readable(readFile(this.placeOf(id)))), this.linesOf(id))
  }

  /** The run as its journal left it; null when it holds no whole first line. */
  async state(id: string): Promise<RolloutState | null> {
    return (await this.recorded(id)).state
  }

  /**
   * What a run set out to do. Only the first line of its journal is read: the rest is as long as the run was.
   *
   * @throws WsctlError as `events` does, and when the journal holds no beginning
   */
  async plan(id: string): Promise<RolloutPlan> {
    const started = await this.start(id)
    if (started === null) throw noBeginning(id)
    return started.plan
  }

  /**
   * What a list tells of a run, for which a journal of days is not read in whole; null when it holds no whole first
   * line.
   *
   * @throws WsctlError as `events` does, for what is read of it
   */
  async outline(id: string): Promise<Outline | null> {
    const [started, glance] = [await this.start(id), await this.glance(id)]
    return started && glance && { plan: started.plan, startedAt: started.time, ...glance }
  }

  /** The end of a journal, without the cost of folding it; null when nothing was recorded. */
  async glance(id: string): Promise<Glance | null> {
    let tail: Buffer
    try {
      tail = await readTail(this.placeOf(id))
    } catch (error) {
      if (isMissing(error)) return null
      throw this.unreadable(error)
    }
    return glanceOf(await this.decodeTail(id, tail))
  }

  private async decodeTail(id: string, tail: Buffer): Promise<RolloutEvent[]> {
    const { events, damage } = decodeUntilDamage(tail, this.linesOf(id))
    // Which line it is, the whole file tells.
    if (damage !== null) await this.events(id)
    return events
  }

  /**
   * Opens the journal of a run that was left, to go on with it. A last line that was torn is cut off;
   * the whole ones stay as they are, byte for byte.
   *
   * @throws WsctlError as `events` does, and `journal-unwritable` (exit 2); then nothing was changed
   */
  async reopen(id: string): Promise<{ readonly journal: Journal; readonly state: RolloutState }> {
    const { isTorn, ...recorded } = await this.recorded(id)
    const { state, bytes } = recorded
    if (state === null) throw noBeginning(id)
    try {
      if (isTorn) await truncate(this.placeOf(id), bytes)
      const file = await open(this.placeOf(id), 'a')
      await file.sync()
      return { journal: new FileJournal(id, file, this.snapshotOf(id), recorded), state }
    } catch (error) {
      throw unwritable(`the journal ${this.placeOf(id)}`, error)
    }
  }

  /**
   * The events of a run from its beginning on, as they are recorded: each time all that are new, which
   * may be none. Ends when the signal is aborted.
   *
   * @throws WsctlError as `events` does
   */
  async *follow(
    id: string,
    { clock, signal }: { readonly clock: Pick<Clock, 'sleep'>; readonly signal: AbortSignal },
  ): AsyncGenerator<readonly RolloutEvent[]> {
    let offset = 0
    let firstLine = 1
    while (!signal.aborted) {
      const lines = wholeLines(await this.readable(readFrom(this.placeOf(id), offset)))
      const events = decodeLines(lines, { ...this.linesOf(id), firstLine })
      offset += lines.length
      firstLine += countLines(lines)
      yield events
      await clock.sleep(FOLLOW_MS, signal)
    }
  }

  /** Where a run that works in the background writes what it would show. */
  logOf(id: string): string {
    return join(this.place, `${id}.log`)
  }

  private async start(id: string): Promise<EventOf<'started'> | null> {
    const [started] = decodeLines(await this.readable(readFirstLine(this.placeOf(id))), this.linesOf(id))
    return isStart(started) ? started : null
  }

  /** What is on disk: folded from the snapshot on when there is one. */
  private async recorded(id: string): Promise<Recorded & { readonly isTorn: boolean }> {
    const path = this.placeOf(id)
    const known = (await this.snapshotOf(id).read(path)) ?? NOTHING_RECORDED
    const content = await this.readable(readFrom(path, known.bytes))
    const whole = wholeLines(content)
    return {
      state: decodeLines(whole, { path, firstLine: known.lines + 1 }).reduce(foldOnto, known.state),
      bytes: known.bytes + whole.length,
      lines: known.lines + countLines(whole),
      isTorn: whole.length < content.length,
    }
  }

  private snapshotOf(id: string): SnapshotFile {
    return new SnapshotFile(join(this.place, `${id}.snapshot`))
  }

  /** System errors in an operator's words. */
  private async readable<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading
    } catch (error) {
      throw this.unreadable(error)
    }
  }

  private linesOf(id: string): LinesPlace {
    return { path: this.placeOf(id), firstLine: 1 }
  }

  /** The journal of a run. */
  placeOf(id: string): string {
    return join(this.place, id + SUFFIX)
  }

  private unreadable(error: unknown): WsctlError {
    return new WsctlError('journal-unreadable', `the records in ${this.place} cannot be read: ${reasonOf(error)}`, {
      outcome: 'usage',
      suggestions: ['name another folder: --state-dir DIR (or WSCTL_STATE_DIR)'],
      cause: error,
    })
  }
}

function unwritable(what: string, error: unknown): WsctlError {
  return new WsctlError('journal-unwritable', `${what} cannot be written: ${reasonOf(error)}`, {
    outcome: 'usage',
    suggestions: ['name a folder that can be written: --state-dir DIR (or WSCTL_STATE_DIR)'],
    cause: error,
  })
}

/** A new file is only safe once the folder that names it is on disk too. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
