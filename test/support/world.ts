import type { RolloutEvent } from '../../src/lib/core/event.js'
import { begin, evolve } from '../../src/lib/core/evolve.js'
import type { ResumePolicy, RolloutPlan, RolloutState } from '../../src/lib/core/rollout.js'
import type { Configuration, Settings } from '../../src/lib/core/server.js'
import { resumeRollout, startRollout, type RolloutPorts } from '../../src/lib/engine/run-rollout.js'
import type { RolloutServer } from '../../src/lib/ports/admin-api.js'
import type { Clock } from '../../src/lib/ports/clock.js'
import type { Journal } from '../../src/lib/ports/journal.js'
import { FakeClock, FakeGatekeeper, FakeInbox, FakeServer, MemoryEnvironmentFile, type Traffic } from './fakes.js'

/** A run takes some hundred calls, a long one some thousand; one that takes this many would never end. */
const ENDLESS = 5000

/** One call to the server as a bystander saw it, who also knows what the run knew then. */
export interface Call {
  readonly name: 'readStatus' | 'configure' | 'emergencyRollback' | 'clearCache'
  readonly configuration: Configuration | null
  /** What the process that calls had read last; null: nothing yet. */
  readonly believed: Settings | null
  /** Events on disk, and appends of this process that had failed. */
  readonly journaled: number
  readonly journalFailures: number
  /** Events that sinks had been told of. */
  readonly told: number
}

/** The clock of one process: the world's time, counted from an origin of its own. */
class ProcessClock implements Clock {
  private readonly originMs: number

  constructor(private readonly world: FakeClock) {
    this.originMs = world.monotonicMs()
  }

  monotonicMs(): number {
    return this.world.monotonicMs() - this.originMs
  }

  wallTime(): Date {
    return this.world.wallTime()
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.world.sleep(ms, signal)
  }
}

/** A disk that can fill up, and at which a process can die. */
class WorldJournal implements Journal {
  readonly events: RolloutEvent[] = []
  /** Of the process that runs, and how many of them have failed. */
  appends = 0
  failures = 0
  /** Whether events are missing on disk. */
  hasGaps = false
  /** Which appends of a process fail, by their number from 0. */
  fails: (append: number) => boolean = () => false
  /** At which of its appends the process dies, and on which side of it. */
  death: { readonly append: number; readonly written: boolean } | null = null
  onDeath: () => void = () => undefined

  /** Another process opens it. */
  open(): void {
    this.appends = 0
    this.failures = 0
  }

  async append(event: RolloutEvent): Promise<void> {
    const append = this.appends++
    const dies = this.death?.append === append
    if (dies && !this.death?.written) return this.die()
    if (this.fails(append)) {
      this.failures += 1
      this.hasGaps = true
      throw new Error('no space left on device')
    }
    this.events.push(structuredClone(event))
    if (dies) return this.die()
  }

  /** A process that is gone never hears of its append again. */
  private die(): Promise<never> {
    this.onDeath()
    return new Promise(() => undefined)
  }

  async close(): Promise<void> {
    return
  }
}

/** A server, a disk and time, which outlive the process that works on them. */
export class World {
  readonly clock = new FakeClock()
  readonly journal = new WorldJournal()
  readonly environmentFile = new MemoryEnvironmentFile()
  readonly calls: Call[] = []
  /** What the sinks of all processes were told. */
  readonly told: { readonly event: RolloutEvent; readonly state: RolloutState }[] = []
  inbox = new FakeInbox()
  /** The processes behind the address, one of which answers each call. */
  readonly servers: FakeServer[]
  latencyMs = 0
  gatesAnswer = true
  private turn = 0

  constructor(traffic: Traffic, settings: Partial<Settings> = {}) {
    this.servers = [new FakeServer(this.clock, traffic, settings)]
  }

  /** The process that has always been there. */
  get server(): FakeServer {
    const [server] = this.servers
    if (server === undefined) throw new RangeError('a world has a server')
    return server
  }

  start(plan: RolloutPlan): Promise<RolloutState | 'died'> {
    return this.process((ports) => startRollout(plan, 'tester', ports))
  }

  /** Takes the run up again from the journal, as a new process. */
  resume(policy: ResumePolicy = 'continue'): Promise<RolloutState | 'died'> {
    const left = fold(this.journal.events)
    return this.process((ports) => resumeRollout(left, { operator: 'tester', policy }, ports))
  }

  /** Gates say yes at the third question, but for those that never answer. */
  private gatekeeper(): FakeGatekeeper {
    const keeper = new FakeGatekeeper(this.inbox)
    keeper.answer = (attempt) => (this.gatesAnswer ? { open: attempt % 3 === 0, message: `answer ${attempt}` } : null)
    return keeper
  }

  private process(work: (ports: RolloutPorts) => Promise<RolloutState>): Promise<RolloutState | 'died'> {
    const died = new Promise<'died'>((resolve) => {
      this.journal.onDeath = () => resolve('died')
    })
    this.inbox = new FakeInbox()
    this.journal.open()
    const ports: RolloutPorts = {
      clock: new ProcessClock(this.clock),
      server: this.connection(),
      journal: this.journal,
      environmentFile: this.environmentFile,
      inbox: this.inbox,
      gatekeeper: this.gatekeeper(),
      sink: {
        notify: (event, state) => void this.told.push({ event, state }),
        close: () => undefined,
      },
    }
    return Promise.race([work(ports), died])
  }

  /** How one process sees the server: through calls that take time. */
  private connection(): RolloutServer {
    let believed: Settings | null = null
    const call = async <T>(
      name: Call['name'],
      configuration: Configuration | null,
      act: (server: FakeServer) => Promise<T>,
    ): Promise<T> => {
      const { events, failures } = this.journal
      const known = { believed, journaled: events.length, journalFailures: failures, told: this.told.length }
      this.calls.push({ name, configuration, ...known })
      if (this.calls.length > ENDLESS) throw new Error('the run does not end')
      await this.clock.sleep(this.latencyMs)
      const server = this.servers[this.turn++ % this.servers.length] ?? this.server
      const answer = await act(server)
      await this.clock.sleep(this.latencyMs)
      return answer
    }
    return {
      readStatus: async () => {
        const status = await call('readStatus', null, (server) => server.readStatus())
        believed = status.settings
        return status
      },
      configure: (configuration) => call('configure', configuration, (server) => server.configure(configuration)),
      emergencyRollback: () => call('emergencyRollback', null, (server) => server.emergencyRollback()),
      clearCache: () => call('clearCache', null, (server) => server.clearCache()),
    }
  }
}

/** One run that has ended, in the world that it ended in. */
export interface Ended {
  readonly plan: RolloutPlan
  readonly world: World
  readonly state: RolloutState
}

/** The state that a journal stands for. */
export function fold(events: readonly RolloutEvent[]): RolloutState {
  const [first, ...rest] = events
  if (first?.type !== 'started') throw new TypeError('a journal begins with the start of a run')
  return rest.reduce(evolve, begin(first))
}
