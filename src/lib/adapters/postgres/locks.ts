import { claimSchema } from '../../contract/claim.js'
import type { Claim, Claimant } from '../../core/claim.js'
import { WsctlError } from '../../core/error.js'
import type { FoundClaim, LockAnswer, LockStore, Parting, ServerLock, TakeOptions } from '../../ports/state-store.js'
import { newClaim } from '../claim-files.js'
import {
  extended,
  holderOf,
  inTheWayOf,
  isRunning,
  leftAt,
  othersInTheWay,
  takeoverFrom,
  workingOn,
} from '../found-claims.js'
import { processPlace } from '../os-process.js'
import { lockLost } from '../server-locks.js'
import type { Database, Query } from './database.js'
import { Lease } from './lease.js'
import { LEASE, type HeldFences } from './session.js'

interface ClaimRow {
  readonly claim: string
  readonly is_leased: boolean
}

/**
 * One run at a time for each server, for everybody who shares the database. A claim is a lease: it lasts as long as it
 * is renewed, by the clock of the database. Each has a fencing number, higher than all before it, and what a run
 * writes carries it: once another has taken over, nothing of the first one is taken any more.
 */
export class PostgresLocks implements LockStore {
  constructor(
    private readonly database: Database,
    private readonly held: HeldFences,
  ) {}

  async take(run: Claimant, options: TakeOptions): Promise<LockAnswer> {
    const draft = await newClaim(run, options.exclusive)
    const found = await this.#changing(async (query): Promise<{ heldBy: Claim } | { claim: Claim; fence: string }> => {
      const inTheWay = inTheWayOf(await foundBy(query), run, options)
      const heldBy = await clear(query, inTheWay)
      if (heldBy) return { heldBy }
      const claim = { ...draft, takeover: takeoverFrom(inTheWay, run, options) }
      return { claim, fence: await write(query, claim) }
    })
    return 'heldBy' in found ? found : { lock: this.#lock(found.claim, found.fence, true) }
  }

  async announce(run: Claimant): Promise<ServerLock> {
    const claim = await newClaim(run, false)
    return this.#lock(claim, await write(this.database.query, claim), false)
  }

  claims(): Promise<readonly FoundClaim[]> {
    return foundBy(this.database.query)
  }

  async workingOn(rolloutId: string): Promise<Claim | null> {
    return workingOn(await this.claims(), rolloutId)
  }

  async holderOf(servers: string | readonly string[]): Promise<Claim | null> {
    return holderOf(await this.claims(), servers)
  }

  async forget({ rolloutId }: Claim): Promise<void> {
    await this.database.query('delete from wsctl.claim where run = $1', rolloutId).catch(() => undefined)
  }

  #lock(claim: Claim, fence: string, isLeased: boolean): ServerLock {
    this.held.set(claim.rolloutId, { fence, isLeased })
    const lease = new Lease(this.database, claim.rolloutId, fence)
    let present = claim
    return {
      assertHeld: () =>
        isLeased && lease.isLost ? Promise.reject(lockLost(claim.server, TAKEN_OVER)) : Promise.resolve(),
      confirm: async () => {
        if (!isLeased) return null
        if (!(await lease.renew())) throw lockLost(claim.server, TAKEN_OVER)
        return lease.leftMs
      },
      extend: async (server) => {
        if (!isLeased) return null
        const wanted = extended(present, server)
        const heldBy = await this.#changing((query) => extend(query, wanted, fence))
        if (heldBy === null) present = wanted
        return heldBy
      },
      release: async (parting) => {
        lease.end()
        return this.#changing((query) => this.#part(query, present, fence, parting))
      },
    }
  }

  async #part(query: Query, claim: Claim, fence: string, parting: Parting): Promise<readonly Claim[]> {
    const { rolloutId, server } = claim
    const ours = await query(
      'select 1 as ours from wsctl.claim where run = $1 and fence = $2 for update',
      rolloutId,
      fence,
    )
    if (ours.length === 0) return []
    if (parting === 'left') await write(query, { ...claim, left: true })
    else await remove(query, rolloutId)
    if (parting !== 'settled') return []
    const left = leftAt(await foundBy(query), server)
    for (const each of left) await remove(query, each.rolloutId)
    return left
  }

  /** Claims change one after the other, so that two who find the same dead process do not both take over from it. */
  async #changing<T>(change: (query: Query) => Promise<T>): Promise<T> {
    try {
      return await this.database.transaction(async (query) => {
        await query(`select pg_advisory_xact_lock(hashtext('wsctl claims'))`)
        return change(query)
      })
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error
      const { code, message, outcome, suggestions } = error
      throw new WsctlError(code, `${message}. Nothing was changed`, { outcome, suggestions, cause: error })
    }
  }
}

const TAKEN_OVER = 'another run has taken over'

/**
 * Takes claims of dead processes out of the way. They stay on record as left, and a process that comes back finds that its
 * number is no longer good.
 *
 * @returns the one whose process lives, and then nothing was changed
 */
async function clear(query: Query, inTheWay: readonly FoundClaim[]): Promise<Claim | null> {
  const alive = inTheWay.find(({ isAlive }) => isAlive)
  if (alive) return alive.claim
  for (const { claim } of inTheWay) await write(query, { ...claim, exclusive: false })
  return null
}

/** Adds to a claim, which keeps its number. */
async function extend(query: Query, wanted: Claim, fence: string): Promise<Claim | null> {
  const heldBy = await clear(query, othersInTheWay(await foundBy(query), wanted))
  if (heldBy) return heldBy
  const ours = await query(
    'update wsctl.claim set claim = $3 where run = $1 and fence = $2 returning run',
    wanted.rolloutId,
    fence,
    JSON.stringify(wanted),
  )
  if (ours.length === 0) throw lockLost(wanted.server, TAKEN_OVER)
  return null
}

/** @returns its new fencing number */
async function write(query: Query, claim: Claim): Promise<string> {
  const [row] = await query<{ readonly fence: string }>(
    `insert into wsctl.claim (run, claim, fence, leased_until)
     values ($1, $2, nextval('wsctl.fence'), clock_timestamp() + ${LEASE})
     on conflict (run) do update
     set claim = excluded.claim, fence = excluded.fence, leased_until = excluded.leased_until
     returning fence`,
    claim.rolloutId,
    JSON.stringify(claim),
  )
  return row?.fence ?? '0'
}

async function remove(query: Query, rolloutId: string): Promise<void> {
  await query('delete from wsctl.claim where run = $1', rolloutId)
}

/** All claims, oldest first. What is no claim, as one of a later wsctl, is passed over. */
async function foundBy(query: Query): Promise<readonly FoundClaim[]> {
  const rows = await query<ClaimRow>(
    'select claim, leased_until > clock_timestamp() as is_leased from wsctl.claim order by run',
  )
  const place = await processPlace()
  const found = rows.map(async ({ claim: text, is_leased: isLeased }): Promise<readonly FoundClaim[]> => {
    const { data: claim } = claimSchema.safeParse(JSON.parse(text))
    return claim ? [{ claim, isAlive: isLeased && (await mayLive(claim, place)) }] : []
  })
  return (await Promise.all(found)).flat()
}

/** The number of a process means something only where it runs; elsewhere the lease says it all. */
async function mayLive(claim: Claim, here: string): Promise<boolean> {
  if (claim.left) return false
  return claim.place !== here || isRunning(claim)
}
