import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ENTRY } from '../test/support/wsctl.js'
import { startCountingServer } from './counting-server.js'
import { figure, median, type Row } from './figures.js'
import { residentMb } from './memory.js'
import type { SimulatedWatch } from './simulated-watch.js'

const WATCH = fileURLToPath(new URL('simulated-watch.ts', import.meta.url))
/** How often each command is run to time it. */
const TIMES = 5
const LIST_GOAL_S = 0.2
const RESUME_GOAL_S = 1
const GROWTH_GOAL_MB = 5

/**
 * Days of watching in minutes: what it costs in memory, processor and disk, and how long a run that is as long as
 * that takes to be listed and taken up.
 *
 * @param hours simulated
 * @param polls within them; as many events are in the journal
 */
export async function endurance(hours: number, polls: number): Promise<readonly Row[]> {
  const stateDir = await mkdtemp(join(tmpdir(), 'wsctl-bench-'))
  const server = await startCountingServer()
  try {
    const args = ['--import', 'tsx', '--expose-gc', WATCH, server.url, stateDir, String(hours), String(polls)]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const watch = JSON.parse(stdout) as SimulatedWatch
    const events = `a journal of ${polls.toLocaleString('en')} events`
    return [
      figure(
        `growth of memory, ${hours} h simulated, first hour left out`,
        growth(watch.residentMb),
        'MB',
        GROWTH_GOAL_MB,
      ),
      figure('processor time of a poll', watch.cpuMsPerPoll, 'ms', null),
      figure(`size of ${events}`, watch.journalMb, 'MB', null),
      figure(`list ${events}`, await timeOf(['history', '--json'], server.url, stateDir), 's', LIST_GOAL_S),
      figure(`take up ${events}`, await takeUp(watch.rolloutId, server.url, stateDir), 's', RESUME_GOAL_S),
    ]
  } finally {
    server.close()
    await rm(stateDir, { recursive: true, force: true })
  }
}

/** The same in real time, with a poll a second: the built command, as long as it is let. */
export async function realTimeWatch(minutes: number): Promise<readonly Row[]> {
  const stateDir = await mkdtemp(join(tmpdir(), 'wsctl-bench-'))
  const server = await startCountingServer()
  const argv = ['monitor', '--poll-interval', '1s', '--duration', `${minutes}m`, '--state-dir', stateDir]
  const child = spawn(ENTRY, argv, { env: environment(server.url), stdio: 'ignore' })
  try {
    const seen: number[] = []
    while (child.exitCode === null && child.signalCode === null) {
      const now = await residentMb(child.pid ?? 0, 'VmRSS')
      if (now !== null) seen.push(now)
      await sleep(1000)
    }
    const tenth = Math.max(1, Math.floor(seen.length / 10))
    const [early, late] = [median(seen.slice(tenth, 2 * tenth)), median(seen.slice(-tenth))]
    return [
      figure(`memory of ${minutes} min at a poll a second`, late, 'MB', null),
      figure(
        `growth of memory, ${minutes} min at a poll a second, last tenth over second`,
        late - early,
        'MB',
        GROWTH_GOAL_MB,
      ),
    ]
  } finally {
    child.kill()
    server.close()
    await rm(stateDir, { recursive: true, force: true })
  }
}

/** From the end of the first hour to the end of the last. */
function growth(memory: readonly number[]): number {
  return (memory.at(-1) ?? Number.NaN) - (memory[0] ?? Number.NaN)
}

async function timeOf(argv: readonly string[], server: string, stateDir: string): Promise<number> {
  const times: number[] = []
  for (let time = 0; time < TIMES; time++) {
    const began = performance.now()
    await promisify(execFile)(ENTRY, [...argv, '--state-dir', stateDir], { env: environment(server) })
    times.push((performance.now() - began) / 1000)
  }
  return median(times)
}

/** From the command until it is on record that the run was taken up; it goes on from there. */
async function takeUp(id: string, server: string, stateDir: string): Promise<number> {
  const journal = join(stateDir, 'runs', `${id}.jsonl`)
  const times: number[] = []
  for (let time = 0; time < TIMES; time++) {
    const before = await sizeOf(journal)
    const began = performance.now()
    const child = spawn(ENTRY, ['rollout', 'resume', id, '--state-dir', stateDir], {
      env: environment(server),
      stdio: 'ignore',
    })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    while ((await sizeOf(journal)) <= before && child.exitCode === null) await sleep(2)
    times.push((performance.now() - began) / 1000)
    child.kill('SIGKILL')
    await ended
  }
  return median(times)
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size
}

function environment(server: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: process.env['HOME'], WSCTL_SERVER: server, WSCTL_TOKEN: 'bench' }
}
