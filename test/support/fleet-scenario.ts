/** Random fleets, through outages, restarts, arrivals and changes from outside. */
import fc from 'fast-check'
import { PARTIAL_POLICIES, settingsOfMember, type FleetPlan } from '../../src/lib/core/fleet.js'
import type { FleetStatus } from '../../src/lib/core/fleet.js'
import { COUNTED, type Analysis } from '../../src/lib/core/judging.js'
import type { RolloutPlan, RolloutState } from '../../src/lib/core/rollout.js'
import type { Configuration, Settings } from '../../src/lib/core/server.js'
import { DEFAULT_THRESHOLDS } from '../../src/lib/core/thresholds.js'
import { startRollout } from '../../src/lib/engine/run-rollout.js'
import type { RolloutServer } from '../../src/lib/ports/admin-api.js'
import { callError } from './fakes.js'
import { A, B, C, FleetScene, gradualFleet } from './fleets.js'

const SECOND = 1000

type Befall =
  | { readonly kind: 'restart' }
  | { readonly kind: 'outage'; readonly calls: 'reads' | 'writes' | 'all'; readonly forMs: number }
  | { readonly kind: 'lost-answers'; readonly forMs: number }
  | { readonly kind: 'foreign-change'; readonly percentage: number }
  | { readonly kind: 'leave' }
  | { readonly kind: 'join' }
  | { readonly kind: 'interrupt' }

type Incident = Befall & { readonly server: string; readonly atMs: number }

export interface FleetScenario {
  readonly fleet: Pick<FleetPlan, 'quorum' | 'onPartial' | 'canaries'>
  readonly analysis: Analysis
  /** Share of the attempts on the unified system that raise on one of them, from a percentage on. */
  readonly failing: { readonly server: string; readonly from: number; readonly share: number }
  readonly incidents: readonly Incident[]
}

const NEWCOMER = 'http://d:8000'
const forMs = fc.integer({ min: 1, max: 120 }).map((seconds) => seconds * SECOND)

const befall: fc.Arbitrary<Befall> = fc.oneof(
  fc.constant({ kind: 'restart' } as const),
  fc.record({ kind: fc.constant('outage' as const), calls: fc.constantFrom('reads', 'writes', 'all'), forMs }),
  fc.record({ kind: fc.constant('lost-answers' as const), forMs }),
  fc.record({ kind: fc.constant('foreign-change' as const), percentage: fc.integer({ min: 0, max: 100 }) }),
  fc.constantFrom({ kind: 'leave' } as const, { kind: 'join' } as const, { kind: 'interrupt' } as const),
)

export const fleetScenarios: fc.Arbitrary<FleetScenario> = fc.record({
  fleet: fc.record({
    quorum: fc.constantFrom(100, 60),
    onPartial: fc.constantFrom(...PARTIAL_POLICIES),
    canaries: fc.constantFrom([], [A]),
  }),
  analysis: fc.constantFrom<Analysis[]>(COUNTED, { rule: 'sequential', confidence: 0.99, designEffect: 1 }),
  failing: fc.record({
    server: fc.constantFrom(A, B, C),
    from: fc.constantFrom(15, 30, 1000),
    share: fc.constantFrom(0.02, 0.9),
  }),
  incidents: fc.array(
    fc
      .tuple(befall, fc.constantFrom(A, B, C), fc.integer({ min: 0, max: 400 }))
      .map(([what, server, second]): Incident => ({ ...what, server, atMs: second * SECOND })),
    { maxLength: 4 },
  ),
})

/** One write, and what was read last before it. */
interface FleetWrite {
  readonly configuration: Configuration
  readonly servers: readonly string[]
  readonly known: FleetStatus | null
}

export interface PlayedFleet {
  readonly scenario: FleetScenario
  readonly plan: RolloutPlan
  readonly scene: FleetScene
  readonly state: RolloutState
  readonly writes: readonly FleetWrite[]
}

/** Plays a scenario to its end. */
export async function playFleet(scenario: FleetScenario): Promise<PlayedFleet> {
  const { fleet, analysis, failing, incidents } = scenario
  const scene = new FleetScene()
  scene.at(failing.server).traffic = {
    attemptsPerSecond: 20,
    failing: (percentage) => (percentage >= failing.from ? failing.share : 0),
  }
  for (const incident of incidents) scene.clock.at(incident.atMs, () => happen(scene, incident))
  const thresholds = { ...DEFAULT_THRESHOLDS, pollIntervalMs: 5 * SECOND, confirmIntervalMs: SECOND }
  const plan = gradualFleet(
    { initialPercentage: 10, maxPercentage: 30, stepSize: 10, stepDurationMs: 60 * SECOND },
    { ...fleet, from: 'dns:fleet:8000' },
    { thresholds, analysis },
  )
  const writes: FleetWrite[] = []
  const server = watched(scene, writes)
  const state = await startRollout(plan, 'tester', { ...scene.ports, server })
  return { scenario, plan, scene, state, writes }
}

function watched({ fleet }: FleetScene, writes: FleetWrite[]): RolloutServer {
  let known: FleetStatus | null = null
  return {
    readStatus: async (signal) => {
      const status = await fleet.readStatus(signal)
      known = { ...status, members: status.members ?? [] }
      return status
    },
    configure: (configuration, signal, servers = fleet.servers) => {
      writes.push({ configuration, servers, known })
      return fleet.configure(configuration, signal, servers)
    },
    emergencyRollback: (signal, servers) => fleet.emergencyRollback(signal, servers),
    clearCache: (signal) => fleet.clearCache(signal),
  }
}

function happen(scene: FleetScene, incident: Incident): void {
  const { clock } = scene
  const server = scene.at(incident.server)
  switch (incident.kind) {
    case 'restart':
      return server.restart()
    case 'outage': {
      const { calls, forMs: lastsMs } = incident
      const endMs = clock.monotonicMs() + lastsMs
      server.fault = (call) => {
        const isMeant = calls === 'all' || (calls === 'reads') === (call === 'readStatus')
        if (isMeant && clock.monotonicMs() < endMs) throw callError('timeout')
      }
      return
    }
    case 'lost-answers': {
      const endMs = clock.monotonicMs() + incident.forMs
      server.faultAfter = () => {
        if (clock.monotonicMs() < endMs) throw callError('timeout')
      }
      return
    }
    case 'foreign-change':
      server.settings = { ...server.settings, mode: 'gradual', percentage: incident.percentage }
      return
    case 'leave':
      scene.found = scene.found.filter((one) => one !== incident.server || scene.found.length === 1)
      return
    case 'join':
      scene.found = [...new Set([...scene.found, NEWCOMER])]
      return
    case 'interrupt':
      return scene.inbox.interrupt()
  }
}

/** What each server that answers says, in a reading. */
export function saidBy(status: FleetStatus): readonly { readonly server: string; readonly settings: Settings }[] {
  return status.members.flatMap((member) => {
    const settings = settingsOfMember(status, member)
    return member.failure === undefined && settings !== null ? [{ server: member.server, settings }] : []
  })
}
