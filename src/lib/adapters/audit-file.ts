import { open, readFile, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { decodeEntry, encodeEntry } from '../contract/audit.js'
import type { NewEntry } from '../core/audit-entry.js'
import { WsctlError } from '../core/error.js'
import type { AuditRecord, AuditStore } from '../ports/state-store.js'
import { makeFolder } from './make-folder.js'
import { syncFolder } from './run-folder.js'

const NEWLINE = 0x0a

/**
 * The record of every change to a server, whoever made it and by which command: lines that are only ever
 * added. Each is on disk when `append` resolves.
 */
export class AuditFile implements AuditStore {
  readonly place: string

  /** @param stateDir folder of all records; made when the first change is recorded */
  constructor(stateDir: string) {
    this.place = join(stateDir, 'audit.jsonl')
  }

  /** @throws WsctlError `audit-unwritable` (exit 2) when the record cannot be added to */
  async check(): Promise<void> {
    await this.#withFile(() => Promise.resolve())
  }

  /** @throws WsctlError `audit-unwritable` (exit 2) */
  async append(entry: NewEntry): Promise<void> {
    await this.#withFile(async (file, size) => {
      // Half a line that a crash left must not swallow this one.
      const start = (await endsWithinLine(file, size)) ? '\n' : ''
      const line = Buffer.from(`${start}${encodeEntry(entry)}\n`)
      // One write, so that processes which add at the same time do not mix their lines.
      const { bytesWritten } = await file.write(line)
      if (bytesWritten < line.length) throw new Error(`only ${bytesWritten} of ${line.length} bytes were written`)
      await file.datasync()
    })
  }

  /** @throws WsctlError `audit-unreadable` (exit 2) */
  async read(): Promise<AuditRecord> {
    const lines = (await this.#text()).split('\n').filter((line) => line !== '')
    const entries = lines.flatMap((line) => decodeEntry(line) ?? [])
    return { entries, unreadable: lines.length - entries.length }
  }

  async #text(): Promise<string> {
    try {
      return await readFile(this.place, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
      throw this.#failure('audit-unreadable', 'read', error)
    }
  }

  async #withFile(act: (file: FileHandle, size: number) => Promise<void>): Promise<void> {
    try {
      const folder = dirname(this.place)
      await makeFolder(folder)
      const file = await open(this.place, 'a+', 0o600)
      try {
        const { size } = await file.stat()
        // A new file is only safe once the folder that names it is on disk too.
        if (size === 0) await syncFolder(folder)
        await act(file, size)
      } finally {
        await file.close()
      }
    } catch (error) {
      throw this.#failure('audit-unwritable', 'written', error)
    }
  }

  #failure(code: string, done: string, error: unknown): WsctlError {
    const why = error instanceof Error ? error.message : String(error)
    return new WsctlError(code, `the audit record ${this.place} cannot be ${done}: ${why}`, {
      outcome: 'usage',
      suggestions: ['name another folder: --state-dir DIR (or WSCTL_STATE_DIR)'],
      cause: error,
    })
  }
}

async function endsWithinLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] !== NEWLINE
}
