import { randomUUID } from 'node:crypto'
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  UNMERGED_SCHEMA,
  unmergedHeaderSchema,
  unmergedRecordSchema,
  type UnmergedHeader,
  type UnmergedRecord,
} from '../../contract/unmerged.js'
import { makeFolder } from '../make-folder.js'
import { findProcess, processPlace } from '../os-process.js'
import { syncFolder } from '../run-folder.js'
import type { Database } from './database.js'
import { merge } from './merge.js'

const SUFFIX = '.jsonl'
/** A file of another machine that was not written to for so long is left to whoever finds it, ms. */
const ABANDONED_MS = 60_000

/**
 * What happened while the database could not be reached: lines in a file of this process, until they can be merged.
 * A file that a process left behind is merged by the next command that reaches both.
 */
export class Unmerged {
  readonly #folder: string
  readonly #path: string
  #waiting: readonly UnmergedRecord[] = []
  #isMerging = false
  /** Changes of the file, one after the other. */
  #changing: Promise<unknown> = Promise.resolve()

  constructor(
    stateDir: string,
    private readonly database: Database,
  ) {
    this.#folder = join(stateDir, 'unmerged')
    this.#path = join(this.#folder, `${randomUUID()}${SUFFIX}`)
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** Resolves when it is on disk. */
  add(record: UnmergedRecord): Promise<void> {
    return this.#inTurn(async () => {
      if (this.isEmpty) await this.#begin()
      await this.#write(record)
      this.#waiting = [...this.#waiting, record]
    })
  }

  /** Merges what this process has added. Does nothing while that is under way. */
  async mergeOwn(): Promise<void> {
    if (this.#isMerging || this.isEmpty) return
    this.#isMerging = true
    try {
      const records = this.#waiting
      const superseded = await this.database.transaction((query) => merge(query, records))
      await this.#inTurn(async () => {
        this.#waiting = this.#waiting.slice(records.length)
        if (superseded.length > 0) await rename(this.#path, supersededPath(this.#path)).catch(() => undefined)
        else if (this.#waiting.length === 0) await rm(this.#path, { force: true })
      })
    } finally {
      this.#isMerging = false
    }
  }

  /**
   * Merges what processes that ended have left behind.
   *
   * @returns what an operator has to know of it, a line each
   */
  async mergeLeft(): Promise<readonly string[]> {
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => name.endsWith(SUFFIX)).sort()
    const lines: string[] = []
    for (const name of names) lines.push(...(await this.#mergeFile(join(this.#folder, name))))
    return lines
  }

  async #mergeFile(path: string): Promise<readonly string[]> {
    const { header, records } = await readUnmerged(path)
    if (header?.state !== this.database.place || !(await isAbandoned(path, header))) return []
    const superseded = await this.database.transaction((query) => merge(query, records))
    if (superseded.length === 0) {
      await rm(path, { force: true })
      const what = `${records.length} ${records.length === 1 ? 'record' : 'records'}`
      return [`${what} that waited on this machine for the shared state ${this.database.place} were merged into it`]
    }
    await rename(path, supersededPath(path))
    return superseded.map(
      (run) =>
        `what this machine recorded of run ${run} while the shared state was away is not merged: another process ` +
        `went on with that run. It is kept in ${supersededPath(path)}`,
    )
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#changing.then(change)
    this.#changing = turn.catch(() => undefined)
    return turn
  }

  async #begin(): Promise<void> {
    await makeFolder(this.#folder)
    const header: UnmergedHeader = {
      schema: UNMERGED_SCHEMA,
      state: this.database.place,
      place: await processPlace(),
      pid: process.pid,
      processStart: (await findProcess(process.pid))?.start ?? null,
    }
    await this.#write(header)
    await syncFolder(this.#folder)
  }

  async #write(line: UnmergedHeader | UnmergedRecord): Promise<void> {
    const file = await open(this.#path, 'a', 0o600)
    try {
      await file.appendFile(`${JSON.stringify(line)}\n`)
      await file.datasync()
    } finally {
      await file.close()
    }
  }
}

function supersededPath(path: string): string {
  return `${path}.superseded`
}

/** A last line that a crash tore is left out. */
async function readUnmerged(
  path: string,
): Promise<{ readonly header: UnmergedHeader | null; readonly records: readonly UnmergedRecord[] }> {
  const [first, ...others] = (await readFile(path, 'utf8')).split('\n').map(parseJson)
  const records = others.flatMap((line) => unmergedRecordSchema.safeParse(line).data ?? [])
  return { header: unmergedHeaderSchema.safeParse(first).data ?? null, records }
}

async function isAbandoned(path: string, { place, pid, processStart }: UnmergedHeader): Promise<boolean> {
  if (place !== (await processPlace())) return Date.now() - (await stat(path)).mtimeMs > ABANDONED_MS
  const found = await findProcess(pid)
  return found === null || (found.start !== null && processStart !== null && found.start !== processStart)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
