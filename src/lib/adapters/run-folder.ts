import { mkdir, open, readdir, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeEvent, encodeEvent } from '../contract/event.js'
import { WsctlError } from '../core/error.js'
import type { EventOf, RolloutEvent } from '../core/event.js'
import { begin, evolve } from '../core/evolve.js'
import type { RolloutState } from '../core/rollout.js'
import type { Journal } from '../ports/journal.js'

const SUFFIX = '.jsonl'

/**
 * The records of all runs: one journal a run, JSON lines, in a folder that only its owner can read.
 * Ids begin with the date, so their order is that of the runs.
 */
export class RunFolder {
  private readonly folder: string

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
    const path = this.pathOf(id)
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 })
      const file = await open(path, 'ax', 0o600)
      await syncFolder(this.folder)
      return new FileJournal(id, file)
    } catch (error) {
      throw new WsctlError(
        'journal-unwritable',
        `the journal ${path} cannot be written: ${reasonOf(error)}. Nothing was changed`,
        {
          outcome: 'usage',
          suggestions: ['name a folder that can be written: --state-dir DIR (or WSCTL_STATE_DIR)'],
          cause: error,
        },
      )
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
   * The one run whose id begins with `prefix`.
   *
   * @throws WsctlError `no-such-run` or `ambiguous-run` (exit 2)
   */
  async find(prefix: string): Promise<string> {
    const ids = await this.ids()
    const matches = ids.filter((id) => id.startsWith(prefix))
    const [id] = matches
    if (id !== undefined && (matches.length === 1 || id === prefix)) return id
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
    const path = this.pathOf(id)
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      throw this.unreadable(error)
    }
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map(decodeEvent)
  }

  /** The run as its journal left it; null when it holds no whole first line. */
  async state(id: string): Promise<RolloutState | null> {
    return fold(await this.events(id))
  }

  private pathOf(id: string): string {
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

/** Folds a whole journal; null when it does not begin with a start. */
export function fold(events: readonly RolloutEvent[]): RolloutState | null {
  const [first, ...rest] = events
  return isStart(first) ? rest.reduce(evolve, begin(first)) : null
}

function isStart(event: RolloutEvent | undefined): event is EventOf<'started'> {
  return event?.type === 'started'
}

class FileJournal implements Journal {
  constructor(
    private readonly id: string,
    private readonly file: FileHandle,
  ) {}

  async append(event: RolloutEvent): Promise<void> {
    await this.file.write(`${encodeEvent(event, this.id)}\n`)
    await this.file.datasync()
  }

  async close(): Promise<void> {
    await this.file.close()
  }
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
