import { existsSync } from 'node:fs'
import { realpath, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readAuthorities } from '../adapters/authorities.js'
import { proxyFor } from '../adapters/environment-proxy.js'
import { exposureOf, octal } from '../adapters/private-file.js'
import { ServerAddress } from '../adapters/server-address.js'
import { systemClock } from '../adapters/system-clock.js'
import { WsctlError } from '../core/error.js'
import type { ContextsFacts, Greeting, ProxyFacts, RecordsFacts, SelfFacts } from '../core/self-check.js'
import { connect } from './connect.js'
import { contextsPath } from './contexts.js'
import type { NamedContext, Variables } from './environment.js'
import { leftRuns } from './left-runs.js'
import { openEnvironmentFile } from './operation.js'
import { problemOf, tokenFacts } from './preflight-facts.js'
import type { Settings } from './settings.js'
import { answering, requireRecords } from './state-folder.js'
import { openState } from './state-store.js'

/** What `doctor` begins with. */
export interface Surroundings extends Pick<SelfFacts, 'node'> {
  /** Or why they cannot be. */
  readonly settings: Settings | WsctlError
  /** Met on the way to the settings. */
  readonly problems: readonly WsctlError[]
  readonly context: NamedContext | null
  readonly variables: Variables
}

/** Looks into everything, and changes nothing. Two requests are sent: one without the token, one with it. */
export async function gatherSelfFacts({
  node,
  settings,
  problems,
  context,
  variables,
}: Surroundings): Promise<SelfFacts> {
  const known = settings instanceof WsctlError ? null : settings
  const base = {
    node,
    contexts: await contextsFacts(known?.context ?? context),
    settingsProblems: settings instanceof WsctlError ? [...problems, settings] : problems,
    nowMs: systemClock.wallTime().getTime(),
  }
  if (known === null) return { ...base, ...NOTHING }
  const [records, environmentFile, greeting, access] = await Promise.all([
    recordsFacts(known),
    environmentFacts(known),
    caught(greet(known)),
    accessFacts(known),
  ])
  return { ...base, records, environmentFile, proxy: proxyFacts(known, variables), greeting, ...access }
}

const NOTHING = {
  records: null,
  environmentFile: null,
  proxy: null,
  greeting: null,
  token: undefined,
  signIn: undefined,
}

async function contextsFacts(context: NamedContext | null): Promise<ContextsFacts> {
  const path = contextsPath()
  const base = { path, used: context?.name ?? null }
  if (!existsSync(path)) return { ...base, exists: false, mode: null, warning: null }
  const real = await realpath(path)
  const [{ mode }, { warning, distrust }] = await Promise.all([stat(real), exposureOf(real)])
  const trouble = distrust ?? warning
  return {
    ...base,
    exists: true,
    mode: octal(mode),
    warning: trouble && `${path} ${trouble}; to close it: chmod 600 ${real}`,
  }
}

async function recordsFacts(settings: Settings): Promise<RecordsFacts> {
  const { runs, locks } = await openState(settings)
  const silence = await problemOf(requireRecords(settings))
  if (silence !== null) return { folder: runs.place, problem: silence, freeBytes: null, runs: 0, left: [] }
  const problem = await problemOf(answering(runs.checkWritable(), settings))
  const left = await leftRuns(locks, runs)
  return {
    folder: runs.place,
    problem,
    freeBytes: await freeBytes(settings.stateDir),
    runs: (await runs.ids().catch(() => [])).length,
    left: left.map(({ claim }) => claim.rolloutId),
  }
}

/** On the disk of the folder, or of the one that it would be made in. */
async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch {
    return dirname(folder) === folder ? null : freeBytes(dirname(folder))
  }
}

async function environmentFacts(settings: Settings): Promise<SelfFacts['environmentFile']> {
  const file = await openEnvironmentFile(settings)
  return file && { path: file.path, problem: await problemOf(file.checkWritable()) }
}

function proxyFacts({ server }: Settings, variables: Variables): ProxyFacts {
  const names = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()])
  const set = names.filter((name) => variables[name] !== undefined)
  // What is wrong with a proxy is told by the request that would go through it.
  const proxy = URL.canParse(server) ? attempt(() => proxyFor(new URL(server), process.env)) : null
  return { host: proxy?.host ?? null, variables: set }
}

/** Asks for the counters, which need no token, and looks at the clock on the answer. */
async function greet(settings: Settings): Promise<Greeting> {
  const { exchange } = await import('../adapters/http-exchange.js')
  const { timeoutMs, authoritiesFile } = settings
  const authorities = authoritiesFile === null ? {} : { authorities: await readAuthorities(authoritiesFile) }
  const begunMs = systemClock.monotonicMs()
  const { status, date } = await exchange(new ServerAddress(settings).stats(), null, {
    timeoutMs,
    maxAnswerBytes: 1024 * 1024,
    ...authorities,
  })
  const tookMs = systemClock.monotonicMs() - begunMs
  const told = date === null ? NaN : Date.parse(date)
  // The header has whole seconds, so that half of one is its mean error.
  const aheadMs = told + 500 - (systemClock.wallTime().getTime() - tookMs / 2)
  return { status, tookMs, aheadMs: Number.isNaN(told) ? null : aheadMs }
}

async function accessFacts(settings: Settings): Promise<Pick<SelfFacts, 'token' | 'signIn'>> {
  const server = await caught(connect(settings))
  if (server instanceof WsctlError) return { token: server, signIn: undefined }
  const token = await caught(tokenFacts({ server }))
  if (token === null || token instanceof WsctlError) return { token, signIn: undefined }
  const status = await caught(server.readStatus())
  return { token, signIn: status instanceof WsctlError ? status : null }
}

async function caught<T>(act: Promise<T>): Promise<T | WsctlError> {
  try {
    return await act
  } catch (error) {
    if (error instanceof WsctlError) return error
    throw error
  }
}

function attempt<T>(act: () => T): T | null {
  try {
    return act()
  } catch (error) {
    if (error instanceof WsctlError) return null
    throw error
  }
}
