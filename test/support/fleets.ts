import { FleetServer } from '../../src/lib/adapters/fleet-server.js'
import type { FleetPlan } from '../../src/lib/core/fleet.js'
import type { StepRange } from '../../src/lib/core/gradual-steps.js'
import type { GradualOptions, PlanBasis } from '../../src/lib/core/plan.js'
import type { RolloutPlan, RolloutState } from '../../src/lib/core/rollout.js'
import type { Settings } from '../../src/lib/core/server.js'
import { startRollout } from '../../src/lib/engine/run-rollout.js'
import { callError, FakeServer, type Traffic } from './fakes.js'
import { gradual, Scene } from './rollouts.js'

/** Servers of a fleet, by name. */
export const [A, B, C] = ['http://a:8000', 'http://b:8000', 'http://c:8000'] as const

export function fleetPlan(change: Partial<FleetPlan> = {}): FleetPlan {
  return { servers: [A, B, C], from: null, quorum: 100, onPartial: 'revert', canaries: [], before: null, ...change }
}

/** A gradual rollout of a fleet of three. */
export function gradualFleet(
  options: Partial<GradualOptions & StepRange> = {},
  fleet: Partial<FleetPlan> = {},
  change: Partial<PlanBasis> = {},
): RolloutPlan {
  return gradual(options, { server: 'the fleet', fleet: fleetPlan(fleet), ...change })
}

/** Everything around the loop on a fake clock, with several servers. */
export class FleetScene extends Scene {
  readonly members = new Map<string, FakeServer>()
  /** Which of them are found when they are looked up. */
  found: readonly string[]
  readonly fleet: FleetServer

  constructor(
    servers: readonly string[] = [A, B, C],
    private readonly traffic: Traffic = { attemptsPerSecond: 20 },
    settings: Partial<Settings> = {},
  ) {
    super()
    this.found = servers
    for (const server of servers) this.members.set(server, new FakeServer(this.clock, traffic, settings))
    this.fleet = new FleetServer({
      servers,
      open: (server) => this.at(server),
      lookUp: () => Promise.resolve(this.found),
      refreshMs: 0,
      graceMs: 20,
    })
  }

  /** One of them; a new one is where its environment file puts it. */
  at(server: string): FakeServer {
    const known = this.members.get(server) ?? new FakeServer(this.clock, this.traffic)
    this.members.set(server, known)
    return known
  }

  /** From now on, or until it answers again, a server gives no answer to calls of a kind. */
  silence(server: string, calls: 'reads' | 'writes' | 'all' = 'all'): void {
    this.at(server).fault = (call) => {
      if (calls === 'all' || (calls === 'reads') === (call === 'readStatus')) throw callError('timeout')
    }
  }

  override run(plan: RolloutPlan): Promise<RolloutState> {
    return startRollout(plan, 'tester', { ...this.ports, server: this.fleet })
  }

  /** Where each stands, such as `gradual 20 %`. */
  get standing(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.members].map(([server, { settings }]) => [server, `${settings.mode} ${settings.percentage} %`]),
    )
  }
}
