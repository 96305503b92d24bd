/** The part of a plan that is about several servers. Loaded only where several are named. */
import { fleetOptionsSchema } from '../contract/fleet-options.js'
import { parseOptions } from '../contract/options.js'
import { CallError, usageError } from '../core/error.js'
import { isFleet, lackOfQuorum, nameServers, type FleetPlan } from '../core/fleet.js'
import { beforeOfEach, differ, differenceError, lowestOf } from '../core/fleet-start.js'
import type { Pins, ServerStatus, Settings } from '../core/server.js'
import { chooseCanaries } from '../core/waves.js'
import type { NamedFleet } from './fleet.js'

/** Flags that are about several servers, as the parser gives them. */
export interface FleetFlags {
  readonly quorum?: string | undefined
  readonly 'on-partial'?: string | undefined
  readonly 'canary-servers'?: string | undefined
  readonly converge?: boolean | undefined
}

/** What a run is to do with its servers, and whether they are made to agree first. */
export interface WantedFleet {
  readonly plan: FleetPlan
  readonly converge: boolean
}

/**
 * @throws WsctlError (usage) for values that cannot be
 */
export function wantedFleet({ servers, from }: NamedFleet, flags: FleetFlags): WantedFleet {
  const { quorum, onPartial, canaryServers } = parseOptions(fleetOptionsSchema, {
    quorum: flags.quorum,
    onPartial: flags['on-partial'],
    canaryServers: flags['canary-servers'],
  })
  const canaries = canaryServers === undefined ? [] : chooseCanaries(servers, canaryServers)
  if (canaryServers?.by === 'name' && canaries.length < canaryServers.servers.length) {
    const strangers = canaryServers.servers.filter((server) => !servers.includes(server))
    throw usageError(
      `--canary-servers names what is not among the servers: ${nameServers(strangers)}`,
      `there are: ${nameServers(servers, 10)}`,
    )
  }
  if (canaries.length >= servers.length) {
    throw usageError(
      `--canary-servers means ${canaries.length} of ${servers.length} servers, which leaves no rest to come after them`,
      'name fewer, such as: --canary-servers 1',
    )
  }
  const plan: FleetPlan = { servers, from, quorum, onPartial, canaries, before: null }
  return { plan, converge: flags.converge === true }
}

/**
 * Refuses flags about several servers where there is one.
 *
 * @throws WsctlError (usage)
 */
export function refuseFleetFlags(flags: FleetFlags): void {
  const given = (['quorum', 'on-partial', 'canary-servers', 'converge'] as const).find(
    (name) => flags[name] !== undefined && flags[name] !== false,
  )
  if (given === undefined) return
  throw usageError(
    `--${given} is about several servers, and one is named`,
    'name them all: --server http://HOST:PORT --server http://HOST:PORT, or --servers-from FILE',
  )
}

/**
 * From which settings a run begins.
 *
 * @returns what all say, or are set to first
 * @throws WsctlError `fleet-differs` (exit 13) when they differ and are not to be made to agree; CallError when too few answer
 */
export function startOf(status: ServerStatus, wanted: WantedFleet | undefined): Settings {
  if (!isFleet(status) || wanted === undefined) return status.settings
  const lack = lackOfQuorum(status, wanted.plan.quorum)
  if (lack) throw new CallError(lack)
  if (!differ(status)) return status.settings
  if (!wanted.converge) throw differenceError(status)
  return lowestOf(status)
}

/** The plan's part, with where each server stands when they differ. */
export function fleetFrom(status: ServerStatus, { plan }: WantedFleet, pins: Pins): FleetPlan {
  return isFleet(status) && differ(status) ? { ...plan, before: beforeOfEach(status, pins) } : plan
}
