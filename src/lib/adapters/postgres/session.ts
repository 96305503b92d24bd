import type { Claim } from '../../core/claim.js'

/** What this process has claimed. */
export interface HeldFence {
  readonly fence: string
  /** False for one that was only announced: whatever others claim, it goes on. */
  readonly isLeased: boolean
}

/** The claims of this process, which its journals have to carry. */
export type HeldFences = Map<Claim['rolloutId'], HeldFence>

/** How long a claim lasts that is not renewed, as an interval of PostgreSQL: its clock counts, nobody else's. */
export const LEASE = `interval '15 seconds'`
export const LEASE_MS = 15_000
/** How often a claim is renewed, ms. */
export const RENEW_MS = 3000
