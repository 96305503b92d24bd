import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { eventSchema } from '../src/lib/contract/event.js'
import { ENTRY } from '../test/support/wsctl.js'
import { figure, maximum, type Row } from './figures.js'
import { residentMb } from './memory.js'

const SERVERS = fileURLToPath(new URL('many-servers.ts', import.meta.url))
const FLEET = 500
/** Processes that they are spread over. */
const PROCESSES = 4
const POLL_S = 5
/** Clock ticks a second in `/proc`, which Linux has fixed. */
const TICKS = 100
const CPU_GOAL = 0.5
const MEMORY_GOAL_MB = 200

/**
 * A watch over 500 servers, each with an HTTP endpoint of its own: what it costs, and whether it keeps its pace.
 *
 * @param minutes of watching
 */
export async function fleet(minutes: number): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'wsctl-bench-'))
  const started = Array.from({ length: PROCESSES }, () => startServers(FLEET / PROCESSES))
  try {
    const urls = (await Promise.all(started.map((each) => each.urls))).flat()
    await writeFile(join(folder, 'servers.txt'), urls.join('\n'))
    return await watchOver(folder, minutes)
  } finally {
    for (const { child } of started) child.kill()
    await rm(folder, { recursive: true, force: true })
  }
}

function startServers(count: number): { readonly child: ChildProcess; readonly urls: Promise<readonly string[]> } {
  const child = spawn(process.execPath, ['--import', 'tsx', SERVERS, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const read = async (): Promise<readonly string[]> => {
    const urls: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === '') break
      urls.push(line)
    }
    return urls
  }
  return { child, urls: read() }
}

async function watchOver(folder: string, minutes: number): Promise<readonly Row[]> {
  const events = join(folder, 'events.jsonl')
  const argv = [
    ...['monitor', '--servers-from', join(folder, 'servers.txt'), '--poll-interval', `${POLL_S}s`],
    ...['--duration', `${minutes}m`, '--on-breach', 'exit', '--events', events, '--state-dir', join(folder, 'state')],
  ]
  const child = spawn(ENTRY, argv, { env: { PATH: process.env['PATH'], WSCTL_TOKEN: 'bench' }, stdio: 'ignore' })
  const pid = child.pid ?? 0
  // What it costs to begin is not what it costs to watch.
  await sleep(3 * POLL_S * 1000)
  const [cpuBefore, before] = [await cpuSeconds(pid), performance.now()]
  let [cpu, after, peak] = [cpuBefore, before, 0]
  while (child.exitCode === null && child.signalCode === null) {
    const [now, resident] = [await cpuSeconds(pid), await residentMb(pid, 'VmRSS')]
    if (now !== null) [cpu, after] = [now, performance.now()]
    peak = Math.max(peak, resident ?? 0)
    await sleep(1000)
  }
  if (cpu === null || cpuBefore === null) throw new Error('the watch was over before it was measured')
  const late = await lateness(events)
  return [
    figure(
      `processor, ${FLEET} servers every ${POLL_S} s`,
      (1000 * (cpu - cpuBefore)) / (after - before),
      'cores',
      CPU_GOAL,
    ),
    figure(`memory, ${FLEET} servers every ${POLL_S} s`, peak, 'MB', MEMORY_GOAL_MB),
    figure(`latest of ${late.length} polls, over its interval`, maximum(late), 's', POLL_S),
    figure('size of the journal, an hour', ((await readFile(events)).byteLength / 1e6 / minutes) * 60, 'MB', null),
  ]
}

/** Of user and system together; null once the process is gone. */
async function cpuSeconds(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (stat === null) return null
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

/** By how much polls began after they were due, s. */
async function lateness(events: string): Promise<readonly number[]> {
  const lines = (await readFile(events, 'utf8')).trim().split('\n')
  const begun = lines
    .map((line) => eventSchema.parse(JSON.parse(line)))
    .flatMap((event) => (event.type === 'checked' ? [event.begunMs] : []))
  return begun.slice(1, -1).map((ms, index) => Math.max(0, (ms - (begun[index] ?? ms)) / 1000 - POLL_S))
}
