import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxiosAdminApi } from '../src/lib/adapters/axios-admin-api.js'
import { Pace } from '../src/lib/adapters/pace.js'
import { environmentToken } from '../src/lib/adapters/token-source.js'
import { readUsers } from '../src/lib/cli/users.js'
import { startSandbox } from '../src/lib/sandbox/sandbox.js'
import { FakeClock } from '../test/support/fakes.js'
import { crowdedStats } from '../test/support/samples.js'
import { ENTRY } from '../test/support/wsctl.js'
import { figure, type Row } from './figures.js'
import { peakMb } from './memory.js'

const TOKEN = 'bench'
const DETAILED_USERS = 50_000
const LISTED_USERS = 100_000
const ASKED_USERS = 10_000
const LIMIT_A_MINUTE = 100

/** What large answers and large lists cost, in time and memory. */
export async function largeInput(): Promise<readonly Row[]> {
  return [...(await largeAnswer()), ...(await largeLists()), ...(await manyUsers())]
}

/** Counters with every open connection listed. */
async function largeAnswer(): Promise<readonly Row[]> {
  const body = JSON.stringify(crowdedStats(DETAILED_USERS))
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const rows = await run(
    `stats, ${count(DETAILED_USERS)} users in ${(body.length / 1e6).toFixed(1)} MB`,
    ['stats', '--json'],
    url,
  )
  server.close()
  return rows
}

/** Lists of pinned users: read, checked, written, read back and recorded. */
async function largeLists(): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'wsctl-bench-'))
  const sandbox = await startSandbox({ adminToken: TOKEN })
  try {
    const list = join(folder, 'users')
    await writeFile(list, Array.from({ length: LISTED_USERS }, (_, index) => `user-${index}@example.com`).join('\n'))
    const state = join(folder, 'state')
    return [
      ...(await run(
        `plan, ${count(LISTED_USERS)} users of a file`,
        ['plan', '--max-percentage', '100', '--users-file', list, '--json'],
        sandbox.url,
        state,
      )),
      ...(await run(
        `configure with ${count(LISTED_USERS)} pinned users`,
        ['configure', '--mode', 'testing', '--rollout-users', `@${list}`, '--force-legacy-users', ''],
        sandbox.url,
        state,
      )),
    ]
  } finally {
    await sandbox.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Many users one by one, at the pace of a server with a limit: on a simulated clock, over real connections. */
async function manyUsers(): Promise<readonly Row[]> {
  const sandbox = await startSandbox({ adminToken: TOKEN })
  const clock = new FakeClock()
  try {
    const api = new AxiosAdminApi({
      server: sandbox.url,
      adminPath: '/api/websocket-admin',
      statsPath: '/api/websocket/stats',
      tokens: environmentToken(TOKEN, 'TOKEN'),
      timeoutMs: 10_000,
      allowHttp: true,
      clock,
    })
    const began = performance.now()
    const before = process.resourceUsage().maxRSS
    const ids = Array.from({ length: ASKED_USERS }, (_, index) => `user-${index}`)
    await readUsers(api, ids, new Pace(clock))
    const what = `${count(ASKED_USERS)} users asked for`
    return [
      figure(`${what}, at the server's pace`, clock.monotonicMs() / 60_000, 'min', null),
      figure(`${what}, requests a minute`, ASKED_USERS / (clock.monotonicMs() / 60_000), '', LIMIT_A_MINUTE),
      figure(`${what}, own time of each`, (performance.now() - began) / ASKED_USERS, 'ms', null),
      figure(`${what}, memory for all`, ((process.resourceUsage().maxRSS - before) * 1024) / 1e6, 'MB', null),
    ]
  } finally {
    await sandbox.close()
  }
}

/** Runs the built command once: how long it takes, and the most memory it holds. */
async function run(name: string, argv: readonly string[], server: string, stateDir = ''): Promise<readonly Row[]> {
  const began = performance.now()
  const child = spawn(ENTRY, argv, {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      WSCTL_SERVER: server,
      WSCTL_TOKEN: TOKEN,
      WSCTL_STATE_DIR: stateDir,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const memory = await peakMb(child)
  const code = await ended
  if (code !== 0) throw new RangeError(`wsctl ${argv.join(' ')} ended with ${code}: ${said}`)
  return [
    figure(name, (performance.now() - began) / 1000, 's', null),
    figure(`${name}, memory at most`, memory, 'MB', null),
  ]
}

function count(number: number): string {
  return number.toLocaleString('en')
}
