import { open, readFile } from 'node:fs/promises'
import { decodeDelivery, encodeDelivery, type Delivery } from '../contract/notice.js'
import type { DeliveryRecord } from '../ports/notices.js'

/**
 * What became of the messages of a run: a line each, in a file beside its journal. It is read anew for
 * each question, because a process that took the run over may have written to it.
 */
export class DeliveryFile implements DeliveryRecord {
  constructor(private readonly path: string) {}

  async isSettled(target: string, key: string): Promise<boolean> {
    return (await this.#read()).some((delivery) => delivery.target === target && delivery.key === key)
  }

  async settle(target: string, key: string, result: Delivery['result']): Promise<void> {
    const file = await open(this.path, 'a', 0o600)
    try {
      // Begins with a line end of its own: half a line that a crash left must not swallow this one.
      await file.appendFile(`\n${encodeDelivery({ target, key, result })}\n`)
      await file.datasync()
    } finally {
      await file.close()
    }
  }

  async #read(): Promise<readonly Delivery[]> {
    try {
      return (await readFile(this.path, 'utf8')).split('\n').flatMap((line) => decodeDelivery(line) ?? [])
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      throw error
    }
  }
}
