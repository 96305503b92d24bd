import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DEFAULT_THRESHOLDS } from '../src/lib/core/thresholds.js'
import type { Counters } from '../src/lib/core/server.js'
import { startSandbox, type Sandbox } from '../src/lib/sandbox/sandbox.js'
import { Shell } from '../test/support/wsctl.js'
import { inGroups, maximum, median, type Row } from './figures.js'
import { Random } from './random.js'

const TOKEN = 'bench'
const USERS = 200
const PERCENTAGE = 50
/** Every connection of the unified system fails, and no legacy system takes it. */
const OUTAGE = { fail: { probability: 1, withFallback: false } } as const
/** Sandboxes at a time: each is a few connections a second. */
const PARALLEL = 10
/** How often the counters are read to see what can be seen, ms. */
const WATCH_MS = 20
/** How often the loop reads that wsctl replaces, and how many failures in a row it wants. */
const LOOP = { everyMs: 30_000, failures: 3 }

interface Incident {
  /** From the first error that the counters showed until everybody was seen back on legacy, ms. */
  readonly safeMs: number
  /** Attempts that failed in between. */
  readonly failed: number
}

/**
 * From the first error that can be seen until the server was read to have everybody back on legacy, with the default
 * settings and real connections, beside a loop that looks twice a minute.
 *
 * @param runs of each; a run takes half a minute, one of the loop one and a half
 */
export async function timeToSafety(runs: number): Promise<readonly Row[]> {
  const random = new Random(5)
  const starts = Array.from({ length: runs }, () => random.next())
  const ours = await inGroups(PARALLEL, starts, withWsctl)
  const theirs = await inGroups(PARALLEL, starts, withLoop)
  const { pollIntervalMs, confirmIntervalMs, consecutiveFailures } = DEFAULT_THRESHOLDS
  const boundMs = pollIntervalMs + (consecutiveFailures - 1) * confirmIntervalMs + 1000
  const row = (name: string, of: (values: readonly number[]) => number, pick: (one: Incident) => number): Row => ({
    name,
    value: of(ours.map(pick)),
    unit: '',
    goal: null,
    peer: { name: 'a loop of 30 s', value: of(theirs.map(pick)) },
  })
  const seconds = ({ safeMs }: Incident): number => safeMs / 1000
  const failed = (one: Incident): number => one.failed
  return [
    { ...row('back on legacy, median', median, seconds), unit: 's', goal: boundMs / 1000 },
    { ...row('back on legacy, worst', maximum, seconds), unit: 's', goal: boundMs / 1000 },
    { ...row('attempts that failed meanwhile, median', median, failed), unit: 'attempts' },
    { ...row('attempts that failed meanwhile, worst', maximum, failed), unit: 'attempts' },
  ]
}

/** @param start share of a poll interval after which it begins to fail */
async function withWsctl(start: number): Promise<Incident> {
  return withIncident(start * DEFAULT_THRESHOLDS.pollIntervalMs, async (sandbox, shell) => {
    const settings = { WSCTL_SERVER: sandbox.url, WSCTL_TOKEN: TOKEN }
    const range = ['--initial-percentage', `${PERCENTAGE}`, '--max-percentage', `${PERCENTAGE}`]
    const run = shell.start(['deploy', 'gradual', ...range, '--step-duration', '30m', '--events', 'events'], settings)
    const isObserved = async (): Promise<boolean> => (await eventTime(shell, 'checked')) !== null
    while (!(await isObserved())) await sleep(100)
    return async () => {
      await run.ended
      const time = await eventTime(shell, 'rollback-verified')
      if (time === null) throw new RangeError(`a run was not rolled back: ${run.stderr()}`)
      return time
    }
  })
}

async function eventTime(shell: Shell, type: string): Promise<number | null> {
  const text = await readFile(join(shell.folder, 'events'), 'utf8').catch(() => '')
  const line = text.split('\n').find((candidate) => candidate.includes(`"type":"${type}"`))
  return line === undefined ? null : Date.parse((JSON.parse(line) as { readonly time: string }).time)
}

/** As a script would do it: reads the counters, takes the growth, and wants three failures in a row. */
async function withLoop(start: number): Promise<Incident> {
  return withIncident(start * LOOP.everyMs, async (sandbox) => {
    await post(sandbox, 'configure', { migration_mode: 'gradual', rollout_percentage: PERCENTAGE })
    return async () => {
      let before = await counters(sandbox)
      for (let failures = 0; failures < LOOP.failures;) {
        await sleep(LOOP.everyMs)
        const now = await counters(sandbox)
        const errors = now.errors - before.errors
        const attempts = now.legacy - before.legacy + now.unified - before.unified + errors
        failures = (errors / attempts) * 100 > DEFAULT_THRESHOLDS.maxErrorRate ? failures + 1 : 0
        before = now
      }
      await post(sandbox, 'emergency-rollback')
      return Date.now()
    }
  })
}

/** Something fails after a while under the eyes of what `begin` begins; `begin` hands back what waits until all are back. */
async function withIncident(
  afterMs: number,
  begin: (sandbox: Sandbox, shell: Shell) => Promise<() => Promise<number>>,
): Promise<Incident> {
  const [sandbox, shell] = [await startSandbox({ users: USERS, adminToken: TOKEN }), await Shell.open()]
  try {
    const untilSafe = await begin(sandbox, shell)
    const safe = untilSafe()
    await sleep(afterMs)
    sandbox.setFaults(OUTAGE)
    const before = await counters(sandbox)
    while ((await counters(sandbox)).errors === before.errors) await sleep(WATCH_MS)
    const seenMs = Date.now()
    const safeMs = (await safe) - seenMs
    return { safeMs, failed: (await counters(sandbox)).errors - before.errors }
  } finally {
    await Promise.all([sandbox.close(), shell.close()])
  }
}

async function counters({ url }: Sandbox): Promise<Counters> {
  const answer = await fetch(`${url}/api/websocket/stats`)
  const { router_stats: stats } = (await answer.json()) as {
    readonly router_stats: Readonly<
      Record<'legacy_connections' | 'unified_connections' | 'routing_errors' | 'fallback_activations', number>
    >
  }
  return {
    legacy: stats.legacy_connections,
    unified: stats.unified_connections,
    errors: stats.routing_errors,
    fallbacks: stats.fallback_activations,
  }
}

async function post({ url }: Sandbox, call: string, body: unknown = {}): Promise<void> {
  await fetch(`${url}/api/websocket-admin/${call}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}
