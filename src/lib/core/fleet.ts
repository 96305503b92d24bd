/** Several server processes that are moved as one: what is known of each, and what that makes of the whole. */
import type { CallFailure } from './error.js'
import { sameSettings } from './processes.js'
import {
  effectivePercentage,
  fits,
  wentDown,
  type Counters,
  type Pins,
  type ServerStatus,
  type Settings,
  type Snapshot,
} from './server.js'
import { difference, NO_COUNTERS } from './window.js'

/** What happens to a fleet when a step could not be written to all of it. */
export const PARTIAL_POLICIES = ['revert', 'hold', 'rollback'] as const
export type PartialPolicy = (typeof PARTIAL_POLICIES)[number]

export const DEFAULT_QUORUM = 100
export const DEFAULT_ON_PARTIAL = 'revert' satisfies PartialPolicy

/** The part of a plan that is about several servers. */
export interface FleetPlan {
  /** Base URLs, as known when the run began. */
  readonly servers: readonly string[]
  /** Where they are looked up anew while the run lasts, such as `dns:NAME:PORT`; null: they are fixed. */
  readonly from: string | null
  /** How many of them must answer, %. */
  readonly quorum: number
  readonly onPartial: PartialPolicy
  /** Those on which each step comes first; empty: it comes everywhere at once. */
  readonly canaries: readonly string[]
  /** Where each stood before the run, when they differed and are made to agree first; null: they agree. */
  readonly before: Readonly<Record<string, Snapshot>> | null
}

/** One server of a fleet in a reading. */
export interface Member {
  /** Base URL. */
  readonly server: string
  /** What it says of its settings; left out where that is what the whole fleet is told to say, or nothing is known. */
  readonly settings?: Settings
  /** Null when it was never read. */
  readonly counters: Counters | null
  /** Why it did not answer; the rest is then from before. Left out: it did. */
  readonly failure?: CallFailure
}

/** A reading of a fleet. */
export type FleetStatus = ServerStatus & { readonly members: readonly Member[] }

export function isFleet(status: ServerStatus | null): status is FleetStatus {
  return status?.members !== undefined
}

/** What one member was read to be, or why it was not read. */
export type MemberReading =
  | { readonly server: string; readonly status: ServerStatus }
  | { readonly server: string; readonly failure: CallFailure }

/**
 * One status from the readings of all: counters are added up, and the settings are those of the member that sends the
 * most users to the unified system, so that a fleet is never taken for lower than any part of it.
 *
 * @returns null when nobody answered
 */
export function gatherStatus(readings: readonly MemberReading[]): FleetStatus | null {
  const statuses = readings.flatMap((reading) => ('status' in reading ? [reading.status] : []))
  const settings = highest(statuses.map((status) => status.settings))
  if (settings === null) return null
  return {
    settings: { ...settings, cachedAssignments: sum(statuses.map((status) => status.settings.cachedAssignments)) },
    counters: statuses.map((status) => status.counters).reduce(plus),
    open: {
      legacy: sumOpen(statuses.map(({ open }) => open.legacy)),
      unified: sumOpen(statuses.map(({ open }) => open.unified)),
    },
    members: readings.map((reading) =>
      'status' in reading
        ? compact(
            { server: reading.server, settings: reading.status.settings, counters: reading.status.counters },
            settings,
          )
        : { server: reading.server, counters: null, failure: reading.failure },
    ),
  }
}

function highest(all: readonly Settings[]): Settings | null {
  const rank = (settings: Settings): number =>
    (settings.mode === 'disabled' ? 0 : 1000) + effectivePercentage(settings) + settings.percentage / 1000
  const [first, ...rest] = all
  return first === undefined ? null : rest.reduce((top, one) => (rank(one) > rank(top) ? one : top), first)
}

function compact({ settings, ...member }: Member, fleet: Settings): Member {
  return settings === undefined || sameSettings(settings, fleet) ? member : { ...member, settings }
}

function plus(a: Counters, b: Counters): Counters {
  return {
    legacy: a.legacy + b.legacy,
    unified: a.unified + b.unified,
    errors: a.errors + b.errors,
    fallbacks: a.fallbacks + b.fallbacks,
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

function sumOpen(counts: readonly (number | null)[]): number | null {
  const known = counts.filter((count) => count !== null)
  return known.length === 0 ? null : sum(known)
}

/** What a member says of its settings, or said last; null when it was never read. */
export function settingsOfMember(status: ServerStatus, member: Member): Settings | null {
  return member.counters === null ? null : (member.settings ?? status.settings)
}

export function memberOf(status: ServerStatus | null, server: string): Member | null {
  return status?.members?.find((member) => member.server === server) ?? null
}

export function answered(member: Member): boolean {
  return member.failure === undefined
}

/** Members by their address. */
export function byServer(status: ServerStatus | null): ReadonlyMap<string, Member> {
  return new Map(status?.members?.map((member) => [member.server, member]))
}

/** How much a member's counters grew since they were read before; a new process counts from 0, a new member from now. */
export function growthOf(before: Member | null | undefined, now: Member): Counters | null {
  if (!answered(now) || now.counters === null || !before?.counters) return null
  return difference(wentDown(before.counters, now.counters) ? NO_COUNTERS : before.counters, now.counters)
}

/**
 * A reading as it follows from the one that was believed before: counters of the whole grow by what those of each
 * member grew, so that restarts, arrivals and departures are no jumps, and who did not answer keeps what it said last.
 */
export function followOn(previous: ServerStatus | null, reading: FleetStatus): FleetStatus {
  if (previous === null || !isFleet(previous)) return reading
  const before = byServer(previous)
  const growths = reading.members.map((member) => growthOf(before.get(member.server), member) ?? NO_COUNTERS)
  return {
    ...reading,
    counters: growths.reduce(plus, previous.counters),
    members: reading.members.map((member) => {
      const known = before.get(member.server)
      if (answered(member) || known === undefined) return member
      const settings = settingsOfMember(previous, known)
      return compact({ ...member, counters: known.counters, ...(settings && { settings }) }, reading.settings)
    }),
  }
}

/** Members whose counters went down, which only a new process can cause. */
export function dropped(previous: ServerStatus | null, reading: FleetStatus): readonly string[] {
  const before = byServer(previous)
  return reading.members
    .filter((member) => {
      const known = before.get(member.server)
      return answered(member) && known?.counters && member.counters && wentDown(known.counters, member.counters)
    })
    .map(({ server }) => server)
}

/** Why a reading is no basis to judge by, as a failed call; null when enough of the fleet answered. */
export function lackOfQuorum({ members }: FleetStatus, quorum: number): CallFailure | null {
  const silent = members.filter((member) => !answered(member))
  if (silent.length === 0 || (members.length - silent.length) * 100 >= quorum * members.length) return null
  return { ...jointFailure(silent), message: describeSilence(silent, members.length, quorum) }
}

function describeSilence(silent: readonly Member[], all: number, quorum: number): string {
  const needed = quorum === DEFAULT_QUORUM ? '' : `, and ${quorum} % must`
  return `${all - silent.length} of ${all} servers answered${needed}; ${describeFailures(silent)}`
}

/** Failures of members as one: of a kind that all share, else that of the first. */
export function jointFailure(failed: readonly Member[]): CallFailure {
  const failures = failed.flatMap(({ failure }) => failure ?? [])
  const isShared = failures.every(({ kind }) => kind === failures[0]?.kind)
  // One that only asks for a pause does not excuse another that is down.
  const chosen = isShared ? failures[0] : failures.find(({ kind }) => kind !== 'rate-limited')
  const pauses = failures.flatMap(({ retryAfterMs }) => retryAfterMs ?? [])
  return {
    kind: chosen?.kind ?? 'unreachable',
    status: chosen?.status ?? null,
    message: describeFailures(failed),
    ...(chosen?.kind === 'rate-limited' && pauses.length > 0 && { retryAfterMs: Math.max(...pauses) }),
  }
}

/** More servers than these are counted, not named. */
export const NAMED = 3

function describeFailures(failed: readonly Member[]): string {
  const named = failed.slice(0, NAMED).map(({ server, failure }) => `${server}: ${failure?.message ?? 'no answer'}`)
  const more = failed.length - named.length
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}

/** Servers for people, such as `http://a, http://b and 12 more`. */
export function nameServers(servers: readonly string[], most = NAMED): string {
  const more = servers.length - most
  if (more > 0) return `${servers.slice(0, most).join(', ')} and ${more} more`
  return servers.length < 2 ? servers.join('') : `${servers.slice(0, -1).join(', ')} and ${servers.at(-1)}`
}

/** One server of a fleet, as if it were alone; null when it did not answer. */
export function readingOf(reading: FleetStatus, server: string): ServerStatus | null {
  const member = memberOf(reading, server)
  const settings = member && settingsOfMember(reading, member)
  if (!member || !settings || !answered(member) || member.counters === null) return null
  return { settings, counters: member.counters, open: { legacy: null, unified: null } }
}

/** Servers whose lists are as long as those that are to be written there: nobody else's users are unpinned. */
export function pinnedAlike(status: FleetStatus, pins: Pins, servers?: readonly string[]): readonly string[] {
  return status.members.flatMap((member) => {
    const settings = settingsOfMember(status, member)
    const isMeant = servers === undefined || servers.includes(member.server)
    return isMeant && settings !== null && fits(settings, pins) ? [member.server] : []
  })
}
