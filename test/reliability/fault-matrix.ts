/** Every fault at every call of a rollout and of a rollback, against a real server behind a faulty proxy. */
import { AxiosAdminApi } from '../../src/lib/adapters/axios-admin-api.js'
import { systemClock } from '../../src/lib/adapters/system-clock.js'
import { environmentToken } from '../../src/lib/adapters/token-source.js'
import { exitCodeOf, type Outcome } from '../../src/lib/core/outcome.js'
import { evenSteps } from '../../src/lib/core/gradual-steps.js'
import { planGradual } from '../../src/lib/core/plan.js'
import type { RolloutState } from '../../src/lib/core/rollout.js'
import { DEFAULT_THRESHOLDS } from '../../src/lib/core/thresholds.js'
import { startRollout } from '../../src/lib/engine/run-rollout.js'
import { startSandbox } from '../../src/lib/sandbox/sandbox.js'
import { FakeGatekeeper, FakeInbox, MemoryJournal } from '../support/fakes.js'
import { FaultyProxy, type NetworkFault } from '../support/faulty-proxy.js'
import { basis } from '../support/rollouts.js'

/** Moments of a run, by what it is doing when a connection is opened. The second of two steps is struck. */
export const MOMENTS = {
  'before a write': ({ phase, stepIndex }) => stepIndex === 1 && phase.name === 'applying' && phase.call === 'look',
  write: ({ phase, stepIndex }) => stepIndex === 1 && phase.name === 'applying' && phase.call === 'configure',
  'reading back': ({ phase, stepIndex }) => stepIndex === 1 && phase.name === 'applying' && phase.call === 'read-back',
  observing: ({ phase, stepIndex }) => stepIndex === 1 && phase.name === 'observing',
  'rollback: emergency call': (state) => isRollingBack(state, 'emergency-rollback'),
  'rollback: reading back': (state) => isRollingBack(state, 'read-back'),
  'rollback: clearing the cache': (state) => isRollingBack(state, 'clear-cache'),
  'rollback: percentage to 0': (state) => isRollingBack(state, 'reset-percentage'),
} as const satisfies Readonly<Record<string, (state: RolloutState) => boolean>>
export type Moment = keyof typeof MOMENTS

function isRollingBack({ phase }: RolloutState, task: string): boolean {
  return phase.name === 'rolling-back' && phase.rollback.task === task
}

export interface Case {
  readonly moment: Moment
  readonly fault: NetworkFault
  /** Whether it strikes once, or everything from that moment on. */
  readonly lasts: 'once' | 'for good'
}

export interface Ending {
  readonly outcome: Outcome
  readonly exitCode: number
  /** What the operator reads, without what differs from run to run. */
  readonly reason: string
  /** What the server really says in the end, such as `disabled 0 %`. */
  readonly server: string
  /** Percentages that reached the server, in order. */
  readonly raised: readonly number[]
  readonly struck: number
}

const TIMEOUT_MS = 600
const TOKEN = 'matrix'
const THRESHOLDS = {
  ...DEFAULT_THRESHOLDS,
  // Few attempts are enough here, and what chance does to them is not what is tested.
  minAttempts: 3,
  minAdoption: 0,
  pollIntervalMs: 200,
  confirmIntervalMs: 100,
}
const STEPS = { initialPercentage: 20, maxPercentage: 60, stepSize: 40, stepDurationMs: 800 }

/** Runs one case to its end. Moments of a rollback are reached by connections that fail from the second step on. */
export async function runCase({ moment, fault, lasts }: Case): Promise<Ending> {
  const breaks = moment.startsWith('rollback')
  const sandbox = await startSandbox({
    users: 8,
    pace: { stayMs: 300, awayMs: 100 },
    adminToken: TOKEN,
    faults: breaks ? { fail: { probability: 1, fromPercentage: 60 } } : {},
  })
  let state: RolloutState | null = null
  let struck = 0
  const faultOf = (): NetworkFault | null => {
    const strikes = lasts === 'for good' && struck > 0 ? true : state !== null && struck === 0 && MOMENTS[moment](state)
    if (!strikes) return null
    struck += 1
    return fault
  }
  const proxy = await FaultyProxy.start(Number(new URL(sandbox.url).port), { lateMs: 2 * TIMEOUT_MS, faultOf })
  const client = (url: string, timeoutMs: number): AxiosAdminApi =>
    new AxiosAdminApi({
      server: url,
      adminPath: '/api/websocket-admin',
      statsPath: '/api/websocket/stats',
      tokens: environmentToken(TOKEN, 'WSCTL_TOKEN'),
      timeoutMs,
      allowHttp: false,
      clock: systemClock,
    })
  const journal = new MemoryJournal()
  const inbox = new FakeInbox()
  try {
    const plan = planGradual(basis({ thresholds: THRESHOLDS, rollbackTimeoutMs: 4000, server: proxy.url }), {
      steps: evenSteps(STEPS),
      monitoring: true,
      onInconclusive: 'extend',
    })
    const end = await startRollout(plan, 'tester', {
      server: client(proxy.url, TIMEOUT_MS),
      clock: systemClock,
      journal,
      inbox,
      gatekeeper: new FakeGatekeeper(inbox),
      environmentFile: null,
      sink: { notify: (_event, after) => (state = after), close: () => undefined },
    })
    if (end.phase.name !== 'finished') throw new Error(`the run is ${end.phase.name}`)
    const { settings } = await client(sandbox.url, 10_000).readStatus()
    return {
      outcome: end.phase.outcome,
      exitCode: exitCodeOf(end.phase.outcome),
      reason: withoutNumbers(end.phase.reason, proxy.url),
      server: `${settings.mode} ${settings.percentage} %`,
      raised: journal.events.flatMap((event) => (event.type === 'step-applied' ? [event.percentage] : [])),
      struck,
    }
  } finally {
    await proxy.close()
    await sandbox.close()
  }
}

/**
 * Addresses and counts differ from run to run, and on a busy machine single calls go unanswered beside the
 * fault; what they are about does not.
 */
function withoutNumbers(reason: string, url: string): string {
  return reason
    .replaceAll(new URL(url).host, 'HOST')
    .replaceAll(/\d+(\.\d+)? %(?= \()/g, 'N %')
    .replaceAll(/\d+ of \d+ attempts/g, 'N of N attempts')
    .replaceAll(/\d+ routing errors/g, 'N routing errors')
    .replaceAll(/\d+ characters/g, 'N characters')
    .replaceAll(/after \d+ bytes/g, 'after N bytes')
    .replaceAll(/at \d\d:\d\d:\d\dZ \([^)]*ago\)/g, 'at HH:MM:SSZ (N s ago)')
    .replaceAll(/, with \d+ calls? without an answer/g, '')
    .replaceAll(/\d+ calls? without/g, 'N calls without')
    .replaceAll(/after \d+ attempts/g, 'after N attempts')
}
