import { watch } from 'node:fs'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ORDER_SCHEMA, orderSchema } from '../contract/order.js'
import type { Command } from '../core/control.js'
import { WsctlError } from '../core/error.js'
import type { OrderBox } from '../ports/state-store.js'
import { makeFolder } from './make-folder.js'

/** How long a run that is not told of a new file goes without looking, ms. */
const LOOK_MS = 1000
/** An order that nobody took within this time is not what its giver wants any more, ms. */
const STALE_MS = 60_000
const SUFFIX = '.json'

/** The orders to one run, a small file each. */
export class OrderFolder implements OrderBox {
  readonly place: string

  constructor(stateDir: string, rolloutId: string) {
    this.place = join(stateDir, 'orders', rolloutId)
  }

  /** @throws WsctlError `order-unwritable` (exit 2) */
  async give(command: Command, now: Date): Promise<void> {
    const path = this.#pathOf(command.id)
    const draft = `${path}.draft`
    try {
      await makeFolder(this.place)
      const order = { schema: ORDER_SCHEMA, ...command, givenAt: now.toISOString() }
      await writeFile(draft, `${JSON.stringify(order)}\n`, { mode: 0o600 })
      await rename(draft, path)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new WsctlError('order-unwritable', `the order cannot be left for the run: ${reason}`, {
        outcome: 'usage',
        suggestions: ['name the folder that the run keeps its records in: --state-dir DIR (or WSCTL_STATE_DIR)'],
        cause: error,
      })
    }
  }

  /** Takes an order back; false when the run has taken it already. */
  async withdraw({ id }: Command): Promise<boolean> {
    return rm(this.#pathOf(id)).then(
      () => true,
      () => false,
    )
  }

  /**
   * Passes orders on as they come, those of a moment ago first. What is no order is thrown away.
   *
   * @returns stops it
   */
  async follow(pass: (command: Command) => void, now: () => Date): Promise<() => Promise<void>> {
    await makeFolder(this.place)
    let isClosed = false
    let looking = Promise.resolve()
    const look = (): void => {
      looking = looking.then(async () => {
        if (!isClosed) for (const command of await this.#take(now())) pass(command)
      })
    }
    const timer = setInterval(look, LOOK_MS)
    timer.unref()
    const watcher = watchFolder(this.place, look)
    look()
    return async () => {
      isClosed = true
      clearInterval(timer)
      watcher?.close()
      await looking
      await rm(this.place, { recursive: true, force: true }).catch(() => undefined)
    }
  }

  async #take(now: Date): Promise<readonly Command[]> {
    const names = (await readdir(this.place).catch(() => [])).filter((name) => name.endsWith(SUFFIX)).sort()
    const orders = await Promise.all(names.map((name) => this.#takeOne(join(this.place, name), now)))
    return orders.filter((order) => order !== null)
  }

  async #takeOne(path: string, now: Date): Promise<Command | null> {
    try {
      const text = await readFile(path, 'utf8')
      // Taken is who deletes it: an order that was withdrawn meanwhile is not followed.
      await rm(path)
      const { id, order, step, by, reason, givenAt } = orderSchema.parse(JSON.parse(text))
      return now.getTime() - Date.parse(givenAt) > STALE_MS ? null : { id, order, step, by, reason }
    } catch {
      return null
    }
  }

  #pathOf(id: string): string {
    return join(this.place, id + SUFFIX)
  }
}

/** Where the system tells of changes; elsewhere looking now and then has to do. */
function watchFolder(folder: string, onChange: () => void): { close(): void } | null {
  try {
    const watcher = watch(folder, { persistent: false }, onChange)
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return null
  }
}
