import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { KeptText } from '../ports/state-store.js'
import { makeFolder } from './make-folder.js'

/** A text in a file that its owner alone can read. */
export class KeptFile implements KeptText {
  constructor(private readonly path: string) {}

  read(): Promise<string | null> {
    return readFile(this.path, 'utf8').catch(() => null)
  }

  async write(text: string): Promise<void> {
    // Loaded here: most runs tell nobody.
    const { default: writeFileAtomic } = await import('write-file-atomic')
    await makeFolder(dirname(this.path))
    await writeFileAtomic(this.path, text, { mode: 0o600 })
  }
}
