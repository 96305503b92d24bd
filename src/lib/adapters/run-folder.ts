import { open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WsctlError } from '../core/error.js'
import type { EventOf, RolloutEvent } from '../core/event.js'
import type { RolloutPlan, RolloutState } from '../core/rollout.js'
import { effectivePercentage, type Snapshot } from '../core/server.js'
import type { Clock } from '../ports/clock.js'
import type { Journal } from '../ports/journal.js'
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
import { SnapshotFile } from './snapshot-file.js'

const SUFFIX = '.jsonl'
/** How often a journal that is followed is looked at, ms. */
const FOLLOW_MS = 200

/** What the last events of a run tell. */
export interface Glance {
  /** How it ended; null before. */
  readonly end: Pick<EventOf<'finished'>, 'outcome' | 'reason'> | null
  /** When the last event was recorded, ISO 8601. */
  readonly seenAt: string
  /** Share of users on unified when the server was last read; null when that was longer ago. */
  readonly percentage: number | null
  /** Whether it is taking everybody back. */
  readonly isRollingBack: boolean
}

/** What the first and the last events of a run tell. */
export interface Outline extends Glance {
  readonly plan: RolloutPlan
  /** ISO 8601. */
  readonly startedAt: string
}

/**
 * The records of all runs: one journal a run, JSON lines, in a folder that only its owner can read.
 * Ids begin with the date, so their order is that of the runs.
 */
export class RunFolder {
  readonly folder: string

  /** @param stateDir folder of all records; made when the first run is recorded */
  constructor(stateDir: string) {
    this.folder = join(stateDir, 'runs')
  }

  /**
   * Starts a new journal.
   *
   * @throws WsctlError `journal-unwritable` (exit 2)
   */
  async create(id: string): Promise<Journal> {
    try {
      await makeFolder(this.folder)
      const file = await open(this.pathOf(id), 'ax', 0o600)
      await syncFolder(this.folder)
      return new FileJournal(id, file, this.snapshotOf(id))
    } catch (error) {
      throw unwritable(`the journal ${this.pathOf(id)}`, error)
    }
  }

  /**
   * Whether a journal could be kept: writes a file to disk, and takes it away again.
   *
   * @throws WsctlError `journal-unwritable` (exit 2)
   */
  async checkWritable(): Promise<void> {
    const path = join(this.folder, `.writable-${process.pid}`)
    try {
      await makeFolder(this.folder)
      await writeFile(path, 'A journal could be kept here.\n', { mode: 0o600, flush: true })
      await rm(path)
    } catch (error) {
      throw unwritable(`the folder of the records, ${this.folder},`, error)
    }
  }

  /** Ids of all runs, newest first; empty when nothing has been recorded. */
  async ids(): Promise<readonly string[]> {
    try {
      const names = await readdir(this.folder)
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

  /**
   * The run with this id, or else the one run whose id begins with it.
   *
   * @throws WsctlError `no-such-run` or `ambiguous-run` (exit 2)
   */
  async find(prefix: string): Promise<string> {
    const ids = await this.ids()
    const matches = ids.includes(prefix) ? [prefix] : ids.filter((id) => id.startsWith(prefix))
    const [id] = matches
    if (id !== undefined && matches.length === 1) return id
    if (id === undefined) {
      throw new WsctlError('no-such-run', `no run ${prefix} is recorded in ${this.folder}`, {
        outcome: 'usage',
        suggestions: ['list the runs: wsctl history'],
      })
    }
    throw new WsctlError('ambiguous-run', `${prefix} fits ${matches.length} runs: ${matches.slice(0, 5).join(', ')}`, {
      outcome: 'usage',
      suggestions: ['give more of the id'],
    })
  }

  /**
   * The events of a run, oldest first. A last line that was torn by a crash is left out.
   *
   * @throws WsctlError `journal-unreadable` or `journal-newer`
   */
  async events(id: string): Promise<readonly RolloutEvent[]> {
    return decodeLines(wholeLines(await this.readable(readFile(this.pathOf(id)))), this.placeOf(id))
  }

  /** As `events`, up to the first line that is damaged; null: none is. */
  async eventsUntilDamage(id: string): Promise<ReturnType<typeof decodeUntilDamage>> {
    return decodeUntilDamage(wholeLines(await this.readable(readFile(this.pathOf(id)))), this.placeOf(id))
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
      tail = await readTail(this.pathOf(id))
    } catch (error) {
      if (isMissing(error)) return null
      throw this.unreadable(error)
    }
    const events = (await this.decodeTail(id, tail)).reverse()
    const [last] = events
    if (last === undefined) return null
    const settings = events.map(settingsOf).find((known) => known !== null)
    return {
      end: last.type === 'finished' ? last : null,
      seenAt: last.time,
      percentage: settings ? effectivePercentage(settings) : null,
      isRollingBack: events.some(({ type }) => type.startsWith('rollback-')),
    }
  }

  private async decodeTail(id: string, tail: Buffer): Promise<RolloutEvent[]> {
    const { events, damage } = decodeUntilDamage(tail, this.placeOf(id))
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
      if (isTorn) await truncate(this.pathOf(id), bytes)
      const file = await open(this.pathOf(id), 'a')
      await file.sync()
      return { journal: new FileJournal(id, file, this.snapshotOf(id), recorded), state }
    } catch (error) {
      throw unwritable(`the journal ${this.pathOf(id)}`, error)
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
      const lines = wholeLines(await this.readable(readFrom(this.pathOf(id), offset)))
      const events = decodeLines(lines, { ...this.placeOf(id), firstLine })
      offset += lines.length
      firstLine += countLines(lines)
      yield events
      await clock.sleep(FOLLOW_MS, signal)
    }
  }

  /** Where a run that works in the background writes what it would show. */
  logOf(id: string): string {
    return join(this.folder, `${id}.log`)
  }

  /** Where it is kept who is told of a run. */
  noticesOf(id: string): string {
    return join(this.folder, `${id}.notify.json`)
  }

  /** Where it is kept what they were told. */
  deliveriesOf(id: string): string {
    return join(this.folder, `${id}.deliveries`)
  }

  private async start(id: string): Promise<EventOf<'started'> | null> {
    const [started] = decodeLines(await this.readable(readFirstLine(this.pathOf(id))), this.placeOf(id))
    return isStart(started) ? started : null
  }

  /** What is on disk: folded from the snapshot on when there is one. */
  private async recorded(id: string): Promise<Recorded & { readonly isTorn: boolean }> {
    const path = this.pathOf(id)
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
    return new SnapshotFile(join(this.folder, `${id}.snapshot`))
  }

  /** System errors in an operator's words. */
  private async readable<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading
    } catch (error) {
      throw this.unreadable(error)
    }
  }

  private placeOf(id: string): LinesPlace {
    return { path: this.pathOf(id), firstLine: 1 }
  }

  /** The journal of a run. */
  pathOf(id: string): string {
    return join(this.folder, id + SUFFIX)
  }

  private unreadable(error: unknown): WsctlError {
    return new WsctlError('journal-unreadable', `the records in ${this.folder} cannot be read: ${reasonOf(error)}`, {
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

export function noBeginning(id: string, why = 'its journal holds no beginning'): WsctlError {
  return new WsctlError('journal-unreadable', `nothing is known of run ${id}: ${why}`, {
    outcome: 'failed',
    suggestions: [
      'a run that raises does not go on without a record; to see where the server stands: wsctl status',
      'an emergency needs no record: wsctl rollback emergency',
    ],
  })
}

/** What an event says of the server's settings. */
function settingsOf(event: RolloutEvent): Pick<Snapshot, 'mode' | 'percentage'> | null {
  if (event.type === 'started') return event.plan.before
  return 'status' in event ? (event.status?.settings ?? null) : null
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

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
