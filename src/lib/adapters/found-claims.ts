/** What follows from the claims that were found, wherever they are kept. */
import type { Claim, Claimant, Takeover } from '../core/claim.js'
import type { FoundClaim, TakeOptions } from '../ports/state-store.js'
import { isSameServer, serversOf, sharedServers } from './claim-files.js'
import { findProcess } from './os-process.js'

/** The claim of the process that works on a run now; null when none does. */
export function workingOn(claims: readonly FoundClaim[], rolloutId: string): Claim | null {
  return claims.find(({ claim, isAlive }) => isAlive && claim.rolloutId === rolloutId)?.claim ?? null
}

/** The run that has one of these servers for itself now; null when there is none. */
export function holderOf(claims: readonly FoundClaim[], servers: string | readonly string[]): Claim | null {
  const wanted = [servers].flat()
  const holder = claims.find(
    ({ claim, isAlive }) => isAlive && claim.exclusive && sharedServers(claim, wanted).length > 0,
  )
  return holder?.claim ?? null
}

/** Claims of the runs on a server that no process works on, in the order in which they were found. */
export function leftAt(claims: readonly FoundClaim[], server: string): readonly Claim[] {
  return claims.filter(({ claim, isAlive }) => !isAlive && isSameServer(claim.server, server)).map(({ claim }) => claim)
}

/** Claims that a run has to take over before it can claim its servers; it cannot while one of them is alive. */
export function inTheWayOf(
  claims: readonly FoundClaim[],
  run: Claimant,
  { exclusive }: TakeOptions,
): readonly FoundClaim[] {
  return claims.filter(
    ({ claim }) =>
      claim.rolloutId === run.rolloutId ||
      (exclusive && claim.exclusive && sharedServers(claim, serversOf(run)).length > 0),
  )
}

/** As `inTheWayOf`, for a run that has a claim and adds to it. */
export function othersInTheWay(claims: readonly FoundClaim[], claim: Claim): readonly FoundClaim[] {
  return inTheWayOf(claims, claim, claim).filter((found) => found.claim.rolloutId !== claim.rolloutId)
}

/** A claim on one more server. */
export function extended(claim: Claim, server: string): Claim {
  return { ...claim, servers: [...new Set([...serversOf(claim), server])] }
}

/** What a companion goes on with; null when the run lost no process, or none is to go on with it. */
export function takeoverFrom(
  inTheWay: readonly FoundClaim[],
  { rolloutId }: Claimant,
  { companionPolicy = null }: TakeOptions,
): Takeover | null {
  const died = inTheWay.find(({ claim }) => claim.rolloutId === rolloutId)?.claim
  return companionPolicy && died ? { policy: companionPolicy, diedPid: died.pid, diedOperator: died.operator } : null
}

/** Whether the very process of a claim still runs. It can be asked only where that process was. */
export async function isRunning({ pid, processStart }: Claim): Promise<boolean> {
  const found = await findProcess(pid)
  return found !== null && (found.start === null || processStart === null || found.start === processStart)
}
