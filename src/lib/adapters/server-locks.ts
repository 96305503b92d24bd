import { rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Claim, Claimant } from '../core/claim.js'
import { WsctlError } from '../core/error.js'
import type { FoundClaim, LockAnswer, LockStore, Parting, ServerLock, TakeOptions } from '../ports/state-store.js'
import { ClaimFiles, fileNameOf, newClaim, serversOf } from './claim-files.js'
import {
  extended,
  holderOf,
  inTheWayOf,
  isRunning,
  leftAt,
  othersInTheWay,
  takeoverFrom,
  workingOn,
} from './found-claims.js'
import { makeFolder } from './make-folder.js'
import { processPlace } from './os-process.js'

/** A lock of another machine that nobody refreshed for so long belongs to a dead process, ms. */
const STALE_MS = 30_000
const REFRESH_MS = 5000
/** The guard is held for a few file operations; only a process that died in between leaves it behind. */
const GUARD = { stale: 5000, retries: { retries: 80, factor: 1, minTimeout: 50, maxTimeout: 150, randomize: true } }

/**
 * One run at a time for each server, and which runs were left. A claim is a small file for each run
 * that has not come to its end; the lock itself is the folder of `proper-lockfile`, refreshed while
 * its process lives. Claims change only under a guard that is held for a moment, so that two who find
 * the same dead process do not both take over from it.
 */
export class ServerLocks implements LockStore {
  readonly #folder: string
  readonly #claims: ClaimFiles

  constructor(stateDir: string) {
    this.#folder = join(stateDir, 'locks')
    this.#claims = new ClaimFiles(this.#folder)
  }

  /**
   * Claims a server, or tells who has it. The claim of a dead process is taken over at once when it
   * ran on this machine, else when its lock has not been refreshed for a while.
   *
   * @throws WsctlError `lock-unwritable` (exit 2)
   */
  async take(run: Claimant, options: TakeOptions): Promise<LockAnswer> {
    return this.#guarded(run, async () => {
      const inTheWay = inTheWayOf(await this.claims(), run, options)
      const heldBy = await this.#clear(inTheWay)
      if (heldBy) return { heldBy }
      const claim = await newClaim(run, options.exclusive, takeoverFrom(inTheWay, run, options))
      const lock = await this.#hold(claim)
      if (lock === null) return { heldBy: null }
      await this.#claims.write(claim)
      return { lock }
    })
  }

  /** Claims nothing, and only leaves word that a run is under way: for one that waits for nobody. */
  async announce(run: Claimant): Promise<ServerLock> {
    const claim = await newClaim(run, false)
    await makeFolder(this.#folder)
    await this.#claims.write(claim)
    return {
      assertHeld: () => Promise.resolve(),
      confirm: () => Promise.resolve(null),
      extend: () => Promise.resolve(null),
      release: async (parting) => {
        await this.#part(claim, parting)
        if (parting !== 'settled' || leftAt(await this.claims(), claim.server).length === 0) return []
        return this.#guarded(claim, () => this.#settle(claim.server))
      },
    }
  }

  /** Claims of all runs that have not come to their end, oldest first. */
  async claims(): Promise<readonly FoundClaim[]> {
    const claims = await this.#claims.list()
    if (claims.length === 0) return []
    const place = await processPlace()
    return Promise.all(claims.map(async (claim) => ({ claim, isAlive: await this.#isAlive(claim, place) })))
  }

  /** The claim of the process that works on a run now; null when none does. */
  async workingOn(rolloutId: string): Promise<Claim | null> {
    return workingOn(await this.claims(), rolloutId)
  }

  /** Takes a claim off the record that nobody has to hear of any more. */
  async forget(claim: Claim): Promise<void> {
    await this.#claims.remove(claim).catch(() => undefined)
  }

  /** The run that has one of these servers for itself now; null when there is none. */
  async holderOf(servers: string | readonly string[]): Promise<Claim | null> {
    return holderOf(await this.claims(), servers)
  }

  async #isAlive(claim: Claim, place: string): Promise<boolean> {
    if (claim.left) return false
    return claim.place === place ? isRunning(claim) : this.#isFresh(claim)
  }

  async #isFresh(claim: Claim): Promise<boolean> {
    const { check } = await import('proper-lockfile')
    const lockfilePath = this.#lockOf(claim)
    return check(lockfilePath, { lockfilePath, realpath: false, stale: STALE_MS }).catch(() => true)
  }

  /** Takes the lock itself; null when somebody has it who left no claim. */
  async #hold(claim: Claim): Promise<ServerLock | null> {
    const { lock } = await import('proper-lockfile')
    const lockfilePath = this.#lockOf(claim)
    let lost: string | null = null
    const onCompromised = (error: Error): void => {
      lost = error.message
    }
    const options = { lockfilePath, realpath: false, stale: STALE_MS, update: REFRESH_MS, onCompromised }
    let unlock: () => Promise<void>
    try {
      unlock = await lock(lockfilePath, options)
    } catch (error) {
      if (codeOf(error) === 'ELOCKED') return null
      throw error
    }
    let present = claim
    const assertHeld = async (): Promise<void> => {
      if (lost === null && !(await this.#isOurs(claim))) lost = 'another run has taken over'
      if (lost !== null) throw lockLost(claim.server, lost)
    }
    return {
      assertHeld,
      confirm: async () => {
        await assertHeld()
        return null
      },
      extend: (server) => {
        const wanted = extended(present, server)
        return this.#guarded(wanted, async () => {
          await assertHeld()
          const heldBy = await this.#clear(othersInTheWay(await this.claims(), wanted))
          if (heldBy) return heldBy
          await this.#claims.write(wanted)
          present = wanted
          return null
        })
      },
      release: (parting) =>
        this.#guarded(present, async () => {
          // Whoever took over has a lock of the same name.
          if (!(await this.#isOurs(claim))) return []
          await unlock().catch(() => undefined)
          await this.#part(present, parting)
          return parting === 'settled' ? this.#settle(claim.server) : []
        }),
    }
  }

  /**
   * Takes claims of dead processes out of the way. They stay on record as left, and a process that comes back finds that
   * it lost the lock.
   *
   * @returns the one whose process lives, and then nothing was changed
   */
  async #clear(inTheWay: readonly FoundClaim[]): Promise<Claim | null> {
    const alive = inTheWay.find(({ isAlive }) => isAlive)
    if (alive) return alive.claim
    for (const { claim } of inTheWay) {
      await rmdir(this.#lockOf(claim)).catch(ignoreMissing)
      await this.#claims.write({ ...claim, exclusive: false })
    }
    return null
  }

  async #isOurs(claim: Claim): Promise<boolean> {
    const present = await this.#claims.read(claim.rolloutId)
    return present?.token === claim.token && present.exclusive === claim.exclusive
  }

  async #part(claim: Claim, parting: Parting): Promise<void> {
    await (parting === 'left' ? this.#claims.write({ ...claim, left: true }) : this.#claims.remove(claim))
  }

  async #settle(server: string): Promise<readonly Claim[]> {
    const left = leftAt(await this.claims(), server)
    for (const claim of left) await this.#claims.remove(claim)
    return left
  }

  /** Guards of several servers are taken in one order, so that nobody waits for somebody who waits for him. */
  async #guarded<T>(claim: Pick<Claim, 'server' | 'servers'>, act: () => Promise<T>): Promise<T> {
    const { lock } = await import('proper-lockfile')
    const unlocks: (() => Promise<void>)[] = []
    try {
      try {
        await makeFolder(this.#folder)
        for (const name of [...new Set(serversOf(claim).map(fileNameOf))].toSorted()) {
          const lockfilePath = join(this.#folder, `${name}.guard`)
          unlocks.push(
            await lock(lockfilePath, { ...GUARD, lockfilePath, realpath: false, onCompromised: () => undefined }),
          )
        }
      } catch (error) {
        throw this.#unwritable(error)
      }
      return await act()
    } finally {
      await Promise.all(unlocks.map((unlock) => unlock().catch(() => undefined)))
    }
  }

  #lockOf({ exclusive, server, rolloutId }: Claim): string {
    return join(this.#folder, `${exclusive ? fileNameOf(server) : rolloutId}.lock`)
  }

  #unwritable(error: unknown): WsctlError {
    const reason = error instanceof Error ? error.message : String(error)
    return new WsctlError(
      'lock-unwritable',
      `the locks in ${this.#folder} cannot be written: ${reason}. Nothing was changed`,
      {
        outcome: 'usage',
        suggestions: ['name a folder that can be written: --state-dir DIR (or WSCTL_STATE_DIR)'],
        cause: error,
      },
    )
  }
}

export function lockLost(server: string, why: string): WsctlError {
  return new WsctlError('lock-lost', `this run lost its lock on ${server}: ${why}`, { outcome: 'held' })
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error
}
