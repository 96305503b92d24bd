import { open, readFile, type FileHandle } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { RolloutState } from '../core/rollout.js'
import { lastLineBefore } from './journal-lines.js'

/** What the first lines of a journal fold to. */
export interface JournalSnapshot {
  /** Length of those lines, bytes. */
  readonly bytes: number
  readonly lines: number
  readonly state: RolloutState
}

/**
 * A snapshot beside a journal, so that a run of days is taken up without folding each of its events again.
 * It is a cache and nothing more: one that is missing, damaged, of another version or not of this
 * journal is passed over, and the whole journal is folded as if there were none.
 */
export class SnapshotFile {
  #isBusy = false

  /** @param path of the snapshot */
  constructor(private readonly path: string) {}

  /** Writes it beside everything else. A disk that fails or hangs is no reason for anything. */
  keep(snapshot: JournalSnapshot): void {
    if (this.#isBusy) return
    this.#isBusy = true
    void this.#write(snapshot)
      .catch(() => undefined)
      .then(() => (this.#isBusy = false))
  }

  /** @param journal file whose lines it has to stand for */
  async read(journal: string): Promise<JournalSnapshot | null> {
    try {
      const content = await readFile(this.path, 'utf8')
      const end = content.indexOf('\n')
      const body = content.slice(end + 1)
      if (content.slice(0, end) !== (await digestOf(body))) return null
      // Its checksum holds and its version is ours, so it is what we wrote.
      const { version, ...snapshot } = JSON.parse(body) as JournalSnapshot & { readonly version: string }
      return version === ownVersion() && (await isOf(journal, snapshot)) ? snapshot : null
    } catch {
      return null
    }
  }

  async #write(snapshot: JournalSnapshot): Promise<void> {
    const { default: writeFileAtomic } = await import('write-file-atomic')
    const body = JSON.stringify({ version: ownVersion(), ...snapshot })
    await writeFileAtomic(this.path, `${await digestOf(body)}\n${body}`, { mode: 0o600 })
  }
}

/** Whether the journal holds, where the snapshot ends, the event that it was taken after. */
async function isOf(journal: string, { bytes, state }: JournalSnapshot): Promise<boolean> {
  const file: FileHandle = await open(journal, 'r')
  try {
    const last = JSON.parse(await lastLineBefore(file, bytes)) as { readonly seq?: unknown; readonly time?: unknown }
    return last.seq === state.seq && last.time === state.time
  } finally {
    await file.close()
  }
}

/** Loaded here: a run that is short has no snapshot. */
async function digestOf(body: string): Promise<string> {
  const { createHash } = await import('node:crypto')
  return createHash('sha256').update(body).digest('hex')
}

/** Another version may fold the same events to something else. The file is as far from the sources as from what is built. */
function ownVersion(): string {
  return (createRequire(import.meta.url)('../../../package.json') as { readonly version: string }).version
}
