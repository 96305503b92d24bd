/** What `doctor` makes of what it found out about wsctl itself. */
import { WsctlError } from './error.js'
import { fail, pass, unchecked, warn, type Judgement } from './judgement.js'
import type { TokenFacts } from './preflight-facts.js'
import { span } from './span.js'

/** In the order in which they are told. */
export const SELF_CHECKS = [
  'node',
  'contexts',
  'settings',
  'records',
  'disk',
  'left-runs',
  'environment-file',
  'proxy',
  'server',
  'clock',
  'token',
  'sign-in',
] as const
export type SelfCheck = (typeof SELF_CHECKS)[number]

/** What was found out; null where that is nothing, or could not be looked into without settings. */
export interface SelfFacts {
  /** Version and what the package asks for, such as `20.19`. */
  readonly node: { readonly version: string; readonly required: string }
  readonly contexts: ContextsFacts
  /** Why some of them cannot be used. */
  readonly settingsProblems: readonly WsctlError[]
  readonly records: RecordsFacts | null
  readonly environmentFile: { readonly path: string; readonly problem: WsctlError | null } | null
  readonly proxy: ProxyFacts | null
  readonly greeting: Greeting | WsctlError | null
  /** Null: there is none. Undefined: without settings there is no telling. */
  readonly token: TokenFacts | WsctlError | null | undefined
  /** What came of a request with the token; undefined: none was sent. */
  readonly signIn: WsctlError | null | undefined
  /** Wall clock, ms since 1970. */
  readonly nowMs: number
}

export interface ContextsFacts {
  readonly path: string
  readonly exists: boolean
  /** Rights such as `0600`; null without a file. */
  readonly mode: string | null
  /** The context that is in use. */
  readonly used: string | null
  readonly warning: string | null
}

export interface RecordsFacts {
  readonly folder: string
  readonly problem: WsctlError | null
  /** Null when the system does not say. */
  readonly freeBytes: number | null
  readonly runs: number
  /** Ids of runs that were left without a process. */
  readonly left: readonly string[]
}

export interface ProxyFacts {
  /** Host and port; null: the server is reached directly. */
  readonly host: string | null
  /** Names of the variables that are set. */
  readonly variables: readonly string[]
}

/** The answer to a request without a token, whatever it says. */
export interface Greeting {
  readonly status: number
  readonly tookMs: number
  /** How far the clock of the server is ahead, ms; null when its answer has no date. */
  readonly aheadMs: number | null
}

export interface SelfFinding {
  readonly check: SelfCheck
  readonly verdict: Exclude<Judgement['verdict'], 'unchecked'>
  readonly reason: string
  readonly suggestions: readonly string[]
}

const JUDGES: Readonly<Record<SelfCheck, (facts: SelfFacts) => Judgement>> = {
  node: judgeNode,
  contexts: judgeContexts,
  settings: judgeSettings,
  records: ({ records }) => judge(records, ({ folder, problem }) => judgeProblem(problem, `${folder} can be written`)),
  disk: ({ records }) => judge(records, judgeDisk),
  'left-runs': ({ records }) => judge(records, judgeLeft),
  'environment-file': ({ environmentFile }) =>
    judge(environmentFile, ({ path, problem }) => judgeProblem(problem, `${path} can be changed`)),
  proxy: ({ proxy }) => judge(proxy, judgeProxy),
  server: ({ greeting }) => judge(greeting, judgeGreeting),
  clock: judgeClock,
  token: judgeToken,
  'sign-in': ({ signIn }) =>
    signIn === undefined ? unchecked('') : judgeProblem(signIn, 'the server takes the token'),
}

/** Judges what could be looked into. Only what would stop a rollout fails. */
export function examineSelf(facts: SelfFacts): readonly SelfFinding[] {
  return SELF_CHECKS.flatMap((check) => {
    const { verdict, reason, suggestions } = JUDGES[check](facts)
    return verdict === 'unchecked' ? [] : [{ check, verdict, reason, suggestions }]
  })
}

function judge<T>(found: T | null, judgeFound: (found: T) => Judgement): Judgement {
  return found === null ? unchecked('') : judgeFound(found)
}

function judgeProblem(problem: WsctlError | null, otherwise: string): Judgement {
  return problem === null ? pass(otherwise) : fail(problem.message, ...problem.suggestions)
}

function judgeNode({ node: { version, required } }: SelfFacts): Judgement {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = required.split('.').map(Number)
  const isEnough = major > leastMajor || (major === leastMajor && minor >= leastMinor)
  return isEnough
    ? pass(`node ${version}`)
    : fail(`node ${version} is too old for wsctl`, `install ${required} or newer`)
}

function judgeContexts({ contexts: { path, exists, mode, used, warning } }: SelfFacts): Judgement {
  if (warning !== null) return warn(warning)
  if (!exists) return pass(`there are none: ${path} does not exist`)
  return pass(`${path} (${mode ?? 'rights not known'}); ${used === null ? 'none is in use' : `${used} is in use`}`)
}

function judgeSettings({ settingsProblems }: SelfFacts): Judgement {
  if (settingsProblems.length === 0) return pass('every setting can be used')
  const messages = settingsProblems.map(({ message }) => message)
  return fail([...new Set(messages)].join('\n'), ...new Set(settingsProblems.flatMap(({ suggestions }) => suggestions)))
}

const MEGABYTE = 1024 * 1024
/** A journal of several days comes to a few megabytes. */
const LITTLE_BYTES = 100 * MEGABYTE
const TOO_LITTLE_BYTES = 10 * MEGABYTE

/** A disk that fills up forbids raising, so that a rollout would be held on the way. */
function judgeDisk({ folder, freeBytes }: RecordsFacts): Judgement {
  if (freeBytes === null) return unchecked('')
  const words = `${Math.floor(freeBytes / MEGABYTE).toLocaleString('en-US')} MB are free for the records`
  if (freeBytes >= LITTLE_BYTES) return pass(words)
  const advice = [`make room where ${folder} is`, 'or name another folder: --state-dir DIR (or WSCTL_STATE_DIR)']
  return freeBytes < TOO_LITTLE_BYTES ? fail(words, ...advice) : warn(words, ...advice)
}

function judgeLeft({ runs, left }: RecordsFacts): Judgement {
  const recorded = `${runs} run${runs === 1 ? ' is' : 's are'} recorded`
  if (left.length === 0) return pass(`${recorded}, none was left without a process`)
  return warn(
    `${recorded}, left without a process: ${left.join(', ')}`,
    ...left.map((id) => `to take it up again: wsctl rollout resume ${id}`),
  )
}

function judgeProxy({ host, variables }: ProxyFacts): Judgement {
  if (host !== null) return pass(`the server is reached through ${host}`)
  return pass(variables.length === 0 ? 'none' : `the server is reached directly; set: ${variables.join(', ')}`)
}

function judgeGreeting(greeting: Greeting | WsctlError): Judgement {
  if (greeting instanceof WsctlError) return fail(greeting.message, ...greeting.suggestions)
  const words = `the server answers within ${Math.round(greeting.tookMs)} ms`
  if (greeting.status < 400) return pass(words)
  return warn(
    `${words}, with ${greeting.status} for its counters`,
    'are the paths right? --admin-path, --stats-path; wsctl preflight looks closer',
  )
}

/** Ahead or behind by more, a token is renewed at the wrong time, ms. */
const CLOCKS_APART_MS = 10_000

function judgeClock({ greeting }: SelfFacts): Judgement {
  if (greeting === null || greeting instanceof WsctlError || greeting.aheadMs === null) return unchecked('')
  const { aheadMs } = greeting
  // The date of an answer has no fractions of a second.
  if (Math.abs(aheadMs) < 1500) return pass('the clocks of server and this machine agree')
  const words = `the clock of the server is ${span(Math.round(Math.abs(aheadMs) / 1000) * 1000)} ${aheadMs > 0 ? 'ahead' : 'behind'}`
  if (Math.abs(aheadMs) < CLOCKS_APART_MS) return pass(words)
  return warn(words, 'when a token expires is judged by both clocks: set the wrong one')
}

function judgeToken({ token, nowMs }: SelfFacts): Judgement {
  if (token instanceof WsctlError) return fail(token.message, ...token.suggestions)
  if (token === undefined) return unchecked('')
  if (token === null) {
    return fail('there is no token', 'set WSCTL_TOKEN, or name where it comes from: --token-file, --token-command')
  }
  const { origin, expiresMs, renewable } = token
  if (expiresMs === null) return pass(`set, from ${origin}, without a date of expiry`)
  const leftMs = expiresMs - nowMs
  if (leftMs <= 0) return fail(`set, from ${origin}, and expired`, 'get a new one')
  const words = `set, from ${origin}, expires in ${span(Math.ceil(leftMs / 1000) * 1000)}`
  if (renewable) return pass(`${words}, and is renewed before`)
  return pass(`${words}; a run that takes longer needs --token-file or --token-command`)
}
