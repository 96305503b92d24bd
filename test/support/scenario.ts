import type { Order } from '../../src/lib/core/control.js'
import { WsctlError, type FailureKind } from '../../src/lib/core/error.js'
import type { ResumePolicy, RolloutPlan } from '../../src/lib/core/rollout.js'
import type { Settings } from '../../src/lib/core/server.js'
import { callError, FakeServer } from './fakes.js'
import { World, type Ended } from './world.js'

/** Something that befalls the server, the disk or the operator at some moment. */
export type Incident =
  | { readonly kind: 'restart'; readonly keepsSettings: boolean }
  | { readonly kind: 'foreign-change'; readonly change: Partial<Settings> }
  | {
      readonly kind: 'outage'
      readonly failure: FailureKind
      readonly calls: 'reads' | 'writes' | 'all'
      readonly forMs: number
    }
  /** A limit of requests a minute; those that are too many are told when the next may come, or are not. */
  | { readonly kind: 'rate-limit'; readonly perMinute: number; readonly tellsWhen: boolean; readonly forMs: number }
  /** One and the same pause is asked for again and again. */
  | { readonly kind: 'busy'; readonly retryAfterMs: number; readonly forMs: number }
  /** Calls take effect, and fail all the same. */
  | { readonly kind: 'lost-answers'; readonly failure: FailureKind; readonly forMs: number }
  | { readonly kind: 'silence'; readonly forMs: number }
  | { readonly kind: 'sleep'; readonly forMs: number }
  | { readonly kind: 'second-process' }
  | { readonly kind: 'interrupt' }
  /** `step` is the index that a promotion means. */
  | { readonly kind: 'order'; readonly order: Order; readonly step: number | null }
  | { readonly kind: 'environment-file-fails' }

/** Everything that a run meets, as plain data, so that a failure can be shrunk and read. */
export interface Scenario {
  readonly plan: RolloutPlan
  /** What the server says when the run begins. */
  readonly settings: Partial<Settings>
  readonly traffic: {
    readonly attemptsPerSecond: number
    /** Shares of the attempts on the unified system, from a percentage on. */
    readonly from: number
    readonly failing: number
    readonly refused: number
    readonly fallback: boolean
  }
  readonly latencyMs: number
  readonly gatesAnswer: boolean
  readonly incidents: readonly (Incident & { readonly atMs: number })[]
  readonly journal: { readonly from: number; readonly forGood: boolean } | null
}

/** Where a process dies, and how the run is taken up again. */
export interface Death {
  /** At which of its appends, from 0, and whether that one still reaches the disk. */
  readonly append: number
  readonly written: boolean
  /** How long nobody watches. */
  readonly awayMs: number
  readonly policy: ResumePolicy
}

const MINUTE = 60_000

/** Longer than any random plan takes that is not paused, ms. */
const PATIENCE_MS = 3_600_000

/** The world of a scenario, with everything that is going to happen in it. */
function build({ plan: made, settings, traffic, latencyMs, gatesAnswer, incidents, journal }: Scenario): World {
  let silentUntilMs = -1
  const isHit = (percentage: number) => percentage >= traffic.from
  const world: World = new World(
    {
      get attemptsPerSecond() {
        return world.clock.monotonicMs() < silentUntilMs ? 0 : traffic.attemptsPerSecond
      },
      failing: (percentage) => (isHit(percentage) ? traffic.failing : 0),
      refused: (percentage) => (isHit(percentage) ? traffic.refused : 0),
      fallback: traffic.fallback,
    },
    settings,
  )
  world.latencyMs = latencyMs
  world.gatesAnswer = gatesAnswer
  if (journal) world.journal.fails = (append) => (journal.forGood ? append >= journal.from : append === journal.from)
  const fault = (from: 'fault' | 'faultAfter', failure: FailureKind, calls: string, forMs: number) => {
    const endMs = world.clock.monotonicMs() + forMs
    for (const server of world.servers) {
      server[from] = (call) => {
        const isMeant = calls === 'all' || (calls === 'reads') === (call === 'readStatus')
        if (isMeant && world.clock.monotonicMs() < endMs) throw callError(failure)
      }
    }
  }
  const limit = (perMinute: number, tellsWhen: boolean, forMs: number) => {
    const { clock } = world
    const endMs = clock.monotonicMs() + forMs
    let taken: readonly number[] = []
    world.server.fault = () => {
      const nowMs = clock.monotonicMs()
      taken = taken.filter((ms) => ms > nowMs - MINUTE)
      const [oldest = nowMs] = taken
      const more = tellsWhen ? { retryAfterMs: oldest + MINUTE - nowMs } : {}
      if (nowMs < endMs && taken.length >= perMinute) throw callError('rate-limited', 429, more)
      taken = [...taken, nowMs]
    }
  }
  const happen = (what: Incident): void => {
    const { server, clock } = world
    switch (what.kind) {
      case 'restart':
        return server.restart(what.keepsSettings ? server.settings : { ...settings, mode: 'disabled', percentage: 0 })
      case 'foreign-change':
        server.settings = { ...server.settings, ...what.change }
        return
      case 'outage':
        return fault('fault', what.failure, what.calls, what.forMs)
      case 'lost-answers':
        return fault('faultAfter', what.failure, 'all', what.forMs)
      case 'rate-limit':
        return limit(what.perMinute, what.tellsWhen, what.forMs)
      case 'busy': {
        const endMs = clock.monotonicMs() + what.forMs
        server.fault = () => {
          if (clock.monotonicMs() < endMs) throw callError('rate-limited', 429, { retryAfterMs: what.retryAfterMs })
        }
        return
      }
      case 'silence':
        silentUntilMs = clock.monotonicMs() + what.forMs
        return
      case 'sleep':
        return clock.pass(what.forMs)
      case 'second-process':
        world.servers.push(new FakeServer(clock, { attemptsPerSecond: traffic.attemptsPerSecond }, settings))
        return
      case 'interrupt':
        return world.inbox.interrupt()
      case 'order':
        return world.inbox.command(what.order, { step: what.step })
      case 'environment-file-fails':
        world.environmentFile.failure = new WsctlError('env-file', `${made.environmentFile ?? ''} is read-only`, {
          outcome: 'usage',
        })
    }
  }
  for (const what of incidents) world.clock.at(what.atMs, () => happen(what))
  // Nobody waits for ever for a run that somebody paused.
  const isPaused = incidents.some((what) => what.kind === 'order' && what.order === 'pause')
  for (let atMs = PATIENCE_MS; isPaused && atMs < 100 * PATIENCE_MS; atMs += PATIENCE_MS) {
    world.clock.at(atMs, () => world.inbox.command('hold'))
  }
  return world
}

/** Plays a scenario to its end, through the deaths of its processes. */
export async function play(scenario: Scenario, dying: readonly Death[] = []): Promise<Ended> {
  const world = build(scenario)
  const { journal, clock } = world
  let policy: ResumePolicy | null = null
  for (const death of [...dying, null]) {
    journal.death = death
    // A run of which nothing is on disk never was; it is started again.
    const state =
      policy === null || journal.events.length === 0 ? await world.start(scenario.plan) : await world.resume(policy)
    if (state !== 'died') return { plan: scenario.plan, world, state }
    if (death) clock.pass(death.awayMs)
    policy = death?.policy ?? null
  }
  throw new Error('the last process does not die')
}
