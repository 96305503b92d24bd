/**
 * Watches a server for days on a simulated clock: the loop, the client, the journal on disk and the lines on the screen
 * are the real ones. A process of its own, so that its memory is that of the watch and nothing else.
 *
 * Arguments: address, folder of records, hours, polls. The run is left unfinished, as if the machine had failed at the end.
 */
import { Writable } from 'node:stream'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AxiosAdminApi } from '../src/lib/adapters/axios-admin-api.js'
import { RunFolder } from '../src/lib/adapters/run-folder.js'
import { noToken } from '../src/lib/adapters/token-source.js'
import { planWatch } from '../src/lib/core/plan.js'
import { DEFAULT_THRESHOLDS } from '../src/lib/core/thresholds.js'
import { startRollout } from '../src/lib/engine/run-rollout.js'
import { createPalette } from '../src/lib/render/palette.js'
import { createPlainSink } from '../src/lib/render/plain.js'
import { FakeClock, FakeGatekeeper, FakeInbox, MemoryEnvironmentFile } from '../test/support/fakes.js'
import { basis } from '../test/support/rollouts.js'
import { residentMb } from './memory.js'

export interface SimulatedWatch {
  readonly rolloutId: string
  readonly polls: number
  /** Resident memory at the end of each hour, MB. */
  readonly residentMb: readonly number[]
  readonly cpuMsPerPoll: number
  readonly journalMb: number
}

const HOUR_MS = 3_600_000
const ID = '20261201-000000-bench'

const [server = '', stateDir = '', hours = '48', polls = '17280'] = process.argv.slice(2)
const endMs = Number(hours) * HOUR_MS
const pollIntervalMs = endMs / Number(polls)
const memory: number[] = []
let cpu = process.cpuUsage()

class WatchedClock extends FakeClock {
  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await super.sleep(ms, signal)
    const hour = Math.floor(this.monotonicMs() / HOUR_MS)
    if (hour > memory.length) await this.#look()
    if (this.monotonicMs() >= endMs) await report()
  }

  async #look(): Promise<void> {
    if (memory.length === 0) cpu = process.cpuUsage()
    globalThis.gc?.()
    memory.push((await residentMb(process.pid, 'VmRSS')) ?? Number.NaN)
  }
}

async function report(): Promise<never> {
  const { user, system } = process.cpuUsage(cpu)
  const afterFirstHour = (Number(polls) * (Number(hours) - 1)) / Number(hours)
  const watch: SimulatedWatch = {
    rolloutId: ID,
    polls: Number(polls),
    residentMb: memory,
    cpuMsPerPoll: (user + system) / 1000 / afterFirstHour,
    journalMb: (await stat(join(stateDir, 'runs', `${ID}.jsonl`))).size / 1e6,
  }
  process.stdout.write(JSON.stringify(watch))
  process.exit()
}

const clock = new WatchedClock()
const inbox = new FakeInbox()
const plan = planWatch(
  { ...basis(), id: ID, server, thresholds: { ...DEFAULT_THRESHOLDS, pollIntervalMs } },
  { durationMs: null, onBreach: 'exit' },
)
const api = new AxiosAdminApi({
  server,
  adminPath: '/api/websocket-admin',
  statsPath: '/api/websocket/stats',
  tokens: noToken(),
  timeoutMs: 10_000,
  allowHttp: true,
  clock,
})
await startRollout(plan, 'bench', {
  server: api,
  clock,
  inbox,
  gatekeeper: new FakeGatekeeper(inbox),
  environmentFile: new MemoryEnvironmentFile(),
  journal: await new RunFolder(stateDir).create(ID),
  sink: createPlainSink(new Writable({ write: (_chunk, _encoding, done) => done() }), createPalette(false)),
})
