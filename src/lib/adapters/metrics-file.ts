import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { usageError } from '../core/error.js'

/** Whoever collects metrics runs under another account. */
const READABLE_BY_ALL = 0o644

/**
 * @throws WsctlError (usage) when no metrics could be collected from there
 */
export function checkMetricsFile(path: string): void {
  try {
    if (!path.endsWith('.prom')) throw new Error('its name has to end in .prom, or the node exporter passes it over')
    if (existsSync(path) && statSync(path).isDirectory()) throw new Error('it is a folder')
    accessSync(dirname(path), constants.W_OK)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw usageError(`--metrics-file ${path}: ${reason}`, 'name a file in the folder of the textfile collector, *.prom')
  }
}

/**
 * Keeps a file at the newest text, always whole: a reader sees the file before or after a change. While
 * one text is written the next waits, and those in between are passed over. A disk that fails is no
 * reason for anything.
 */
export class MetricsFile {
  #isStale = false
  #work: Promise<void> | null = null

  constructor(
    private readonly path: string,
    private readonly text: () => Promise<string>,
  ) {}

  changed(): void {
    this.#isStale = true
    this.#work ??= this.#write()
  }

  /** Resolves when the newest text has been written, or could not be. */
  async settled(): Promise<void> {
    await this.#work
  }

  async #write(): Promise<void> {
    while (this.#takeStale()) {
      try {
        await writeFileAtomic(this.path, await this.text(), { mode: READABLE_BY_ALL })
      } catch {
        // The next change tries again.
      }
    }
    this.#work = null
  }

  #takeStale(): boolean {
    const wasStale = this.#isStale
    this.#isStale = false
    return wasStale
  }
}
