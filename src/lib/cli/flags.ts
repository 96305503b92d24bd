import { Args, Flags } from '@oclif/core'
import { CRASH_POLICIES, INCONCLUSIVE_POLICIES } from '../core/rollout.js'
import { ANALYSES, DEFAULT_CONFIDENCE, DEFAULT_DESIGN_EFFECT } from '../core/judging.js'
import { PARTIAL_POLICIES } from '../core/fleet.js'
import { DEFAULT_THRESHOLDS } from '../core/thresholds.js'

/** Flags of every command. */
export const globalFlags = {
  json: Flags.boolean({ description: 'print one JSON document on stdout, errors included', helpGroup: 'GLOBAL' }),
  'no-color': Flags.boolean({ description: 'print without colours (NO_COLOR is honoured too)', helpGroup: 'GLOBAL' }),
}

/** Which of the contexts is used. */
export const contextFlags = {
  context: Flags.string({
    description: 'a context of: wsctl context list [default: the current one, env: WSCTL_CONTEXT]',
    helpValue: 'NAME',
    helpGroup: 'SERVER',
  }),
  'no-context': Flags.boolean({ description: 'use no context, not even the current one', helpGroup: 'SERVER' }),
}

/** Where what outlives a process is kept. */
export const stateFlags = {
  ...contextFlags,
  'state-dir': Flags.string({
    description: 'folder of the records [env: WSCTL_STATE_DIR]',
    helpValue: 'DIR',
    helpGroup: 'SERVER',
  }),
  state: Flags.string({
    description: 'PostgreSQL database that a team shares its records in [env: WSCTL_STATE]',
    helpValue: 'URL',
    helpGroup: 'SERVER',
  }),
}

/** Flags of every command that talks to the server. */
export const serverFlags = {
  ...contextFlags,
  server: Flags.string({
    char: 's',
    multiple: true,
    multipleNonGreedy: true,
    description: 'base URL of the server; several are moved as one [default: http://localhost:8000, env: WSCTL_SERVER]',
    helpValue: 'URL',
    helpGroup: 'SERVER',
  }),
  'servers-from': Flags.string({
    description: 'several servers as one: a file with one address a line, or dns:NAME:PORT',
    helpValue: 'FILE',
    helpGroup: 'SERVER',
    exclusive: ['server'],
  }),
  'admin-path': Flags.string({
    description: 'where the admin API is mounted [default: /api/websocket-admin, env: WSCTL_ADMIN_PATH]',
    helpValue: 'PATH',
    helpGroup: 'SERVER',
  }),
  'stats-path': Flags.string({
    description: 'where the counters are [default: /api/websocket/stats, env: WSCTL_STATS_PATH]',
    helpValue: 'PATH',
    helpGroup: 'SERVER',
  }),
  'token-file': Flags.string({
    description: 'read the admin token from a file, again when it changes',
    helpValue: 'FILE',
    helpGroup: 'SERVER',
  }),
  'token-command': Flags.string({
    description: 'run a command that prints the admin token, again before it expires',
    helpValue: 'COMMAND',
    helpGroup: 'SERVER',
  }),
  'token-env': Flags.string({
    description: 'read the admin token from this variable [default: WSCTL_TOKEN, or ADMIN_TOKEN]',
    helpValue: 'VARIABLE',
    helpGroup: 'SERVER',
  }),
  'ca-file': Flags.string({
    description: 'trust only the certificate authorities in a PEM file [env: WSCTL_CA_FILE]',
    helpValue: 'FILE',
    helpGroup: 'SERVER',
  }),
  timeout: Flags.string({
    description: 'limit for one request [default: 10s, env: WSCTL_TIMEOUT]',
    helpValue: 'DURATION',
    helpGroup: 'SERVER',
  }),
  'allow-http': Flags.boolean({
    description: 'send the token over plain http to another machine',
    helpGroup: 'SERVER',
  }),
}

/** The server's environment file. */
export const environmentFlags = {
  'env-file': Flags.string({
    description: "the server's environment file, kept up to date with what it proves [env: WSCTL_ENV_FILE]",
    helpValue: 'FILE',
    helpGroup: 'SERVER',
  }),
  'no-env-file': Flags.boolean({
    description: 'leave the environment file alone, even if WSCTL_ENV_FILE names one',
    helpGroup: 'SERVER',
  }),
}

/** The two lists that the server holds and never tells. */
export const pinFlags = {
  'rollout-users': Flags.string({
    multiple: true,
    description: 'users on the rollout list (IDs, commas, @FILE)',
    helpValue: 'ID',
    helpGroup: 'PINNED USERS',
  }),
  'force-legacy-users': Flags.string({
    multiple: true,
    description: 'users forced to legacy (IDs, commas, @FILE)',
    helpValue: 'ID',
    helpGroup: 'PINNED USERS',
  }),
}

/** What a gradual rollout sets out to do. */
export const gradualFlags = {
  plan: Flags.string({
    helpValue: 'FILE',
    description: 'take steps, limits and policies from a plan file; what is typed here beats it',
    exclusive: ['steps', 'initial-percentage', 'max-percentage', 'step-size'],
  }),
  steps: Flags.string({
    helpValue: 'PERCENT,…',
    description: 'rising percentages one by one, such as 1,2,5,10,25,50,100',
    exclusive: ['initial-percentage', 'max-percentage', 'step-size'],
  }),
  'initial-percentage': Flags.string({ default: '5', helpValue: 'PERCENT', description: 'where to start' }),
  'max-percentage': Flags.string({ default: '100', helpValue: 'PERCENT', description: 'where to stop' }),
  'step-size': Flags.string({ default: '5', helpValue: 'PERCENT', description: 'how much each step adds' }),
  'step-duration': Flags.string({
    default: '30',
    helpValue: 'DURATION',
    description: 'observation of each step; a bare number is minutes',
  }),
  'no-monitoring': Flags.boolean({ description: 'wait the steps out without judging them: nothing will roll back' }),
}

/** Of every command that changes something: a server, a run or a file. */
export const dryRunFlag = {
  'dry-run': Flags.boolean({ description: 'show what would be written, and write nothing' }),
}

/** The checks before a run. */
export const preflightFlag = {
  'no-preflight': Flags.boolean({ description: 'begin without the checks of: wsctl preflight' }),
}

/** When a rollout is going wrong. */
export const thresholdFlags = {
  'max-error-rate': threshold(`routing errors per attempt, % [default: ${DEFAULT_THRESHOLDS.maxErrorRate}]`, 'PERCENT'),
  'max-routing-errors': threshold(
    `routing errors within the window [default: ${DEFAULT_THRESHOLDS.maxRoutingErrors}]`,
    'COUNT',
  ),
  'max-fallback-rate': threshold(
    `fallback activations per attempt, % [default: ${DEFAULT_THRESHOLDS.maxFallbackRate}]`,
    'PERCENT',
  ),
  'min-success-rate': threshold(
    `attempts that end connected, % [default: ${DEFAULT_THRESHOLDS.minSuccessRate}]`,
    'PERCENT',
  ),
  'min-adoption': threshold(
    `attempts that reach unified, % of the percentage set [default: ${DEFAULT_THRESHOLDS.minAdoption}]`,
    'PERCENT',
  ),
  'consecutive-failures': threshold(
    `failed checks in a row before rollback [default: ${DEFAULT_THRESHOLDS.consecutiveFailures}]`,
    'COUNT',
  ),
  window: threshold('how far back a check may look [default: 5m]', 'DURATION'),
  'min-attempts': threshold(
    `attempts a rate needs before it means anything [default: ${DEFAULT_THRESHOLDS.minAttempts}]`,
    'COUNT',
  ),
  'poll-interval': threshold('time between checks [default: 10s]', 'DURATION'),
  'confirm-interval': threshold('time between checks once one has failed [default: 3s]', 'DURATION'),
}

/** How many of several servers have to answer. */
export const quorumFlag = {
  quorum: Flags.string({
    description: 'how many of several servers have to answer for a check to count [default: 100%]',
    helpValue: 'PERCENT',
    helpGroup: 'FLEET',
  }),
}

/** Of every command that sets something on several servers. */
export const fleetFlags = {
  'on-partial': Flags.option({
    options: PARTIAL_POLICIES,
    description: 'what follows when some of several servers do not take a step [default: revert]',
    helpGroup: 'FLEET',
  })(),
  converge: Flags.boolean({
    description: 'begin with servers that differ: all are first set to where the lowest is',
    helpGroup: 'FLEET',
  }),
}

/** On which of several servers a step comes first. */
export const canaryFlag = {
  'canary-servers': Flags.string({
    description: 'set each step on some servers first: how many, a share such as 10%, or addresses',
    helpValue: 'SERVERS',
    helpGroup: 'FLEET',
  }),
}

/** How rates are judged. */
export const analysisFlags = {
  analysis: Flags.string({
    options: [...ANALYSES],
    description:
      'how rates are judged: failed checks in a row, or all that was seen weighed at once [default: counted]',
    helpGroup: 'ANALYSIS',
  }),
  confidence: Flags.string({
    description: `of sequential: that nobody is taken back by chance in the whole run [default: ${DEFAULT_CONFIDENCE}]`,
    helpValue: 'NUMBER',
    helpGroup: 'ANALYSIS',
  }),
  'design-effect': Flags.string({
    description: `of sequential: how many failures one cause brings about, such as a user who reconnects [default: ${DEFAULT_DESIGN_EFFECT}]`,
    helpValue: 'NUMBER',
    helpGroup: 'ANALYSIS',
  }),
}

function threshold(description: string, helpValue: string) {
  return Flags.string({ description, helpValue, helpGroup: 'THRESHOLDS' })
}

/** The keys of a context as flags, without what stands in for them elsewhere. */
export const contextSettingFlags = {
  server: Flags.string({
    char: 's',
    required: true,
    description: 'base URL of the server',
    helpValue: 'URL',
    helpGroup: 'SERVER',
  }),
  'admin-path': withoutDefault(serverFlags['admin-path']),
  'stats-path': withoutDefault(serverFlags['stats-path']),
  'token-file': serverFlags['token-file'],
  'token-command': serverFlags['token-command'],
  'token-env': withoutDefault(serverFlags['token-env']),
  'ca-file': withoutDefault(serverFlags['ca-file']),
  timeout: withoutDefault(serverFlags.timeout),
  'allow-http': serverFlags['allow-http'],
  'env-file': withoutDefault(environmentFlags['env-file']),
  'state-dir': withoutDefault(stateFlags['state-dir']),
  state: withoutDefault(stateFlags.state),
  ...thresholdFlags,
  ...analysisFlags,
}

/** Where a flag is left out here, nothing takes its place. */
function withoutDefault<T extends { description?: string | undefined }>(flag: T): T {
  return { ...flag, description: flag.description?.replace(/ \[.*\]$/, '') }
}

/** Flags of every command that runs the control loop. */
export const runFlags = {
  events: Flags.string({
    description: 'stream one JSON object per event to a file, or - for stdout',
    helpValue: 'FILE',
  }),
  'rollback-timeout': Flags.string({
    description: 'how long a rollback is tried [default: 2m]',
    helpValue: 'DURATION',
  }),
}

/** Who is told of what happens. */
export const notifyFlags = {
  notify: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    description: 'tell of what happens: slack=env:NAME, teams=env:NAME, webhook=URL, command=COMMAND; repeatable',
    helpValue: 'TYPE=WHERE',
  }),
}

/** Where the numbers of a run can be read while it lasts. */
export const metricsFlags = {
  'metrics-listen': Flags.string({
    description: 'serve metrics for Prometheus at this address, such as 127.0.0.1:9464',
    helpValue: 'ADDRESS',
    helpGroup: 'METRICS',
  }),
  'metrics-file': Flags.string({
    description: "write metrics to a .prom file, for the node exporter's textfile collector",
    helpValue: 'FILE',
    helpGroup: 'METRICS',
  }),
}

/** Flags of every command that carries a plan out on a server. */
export const operationFlags = {
  ...runFlags,
  ...quorumFlag,
  ...notifyFlags,
  ...pinFlags,
  ...serverFlags,
  ...environmentFlags,
  ...stateFlags,
}

export const onInterruptFlag = {
  'on-interrupt': Flags.option({
    options: ['hold', 'rollback'] as const,
    default: 'hold',
    description: 'what Ctrl-C or SIGTERM does: keep the percentage, or roll back',
  })(),
}

export const onCrashFlag = {
  'on-crash': Flags.option({
    options: CRASH_POLICIES,
    // A run that is taken up keeps what it was begun with.
    default: async ({ flags }) => (flags['resume'] ? undefined : 'hold'),
    description: 'what a companion does when this process dies: see the step to its end, or roll back',
  })(),
}

/** Of every command that changes a server. */
export const confirmFlag = {
  yes: Flags.boolean({ description: 'do not ask before a change to what a context protects' }),
}

export const resumedOnCrashFlag = {
  'on-crash': Flags.option({
    options: CRASH_POLICIES,
    description: `${onCrashFlag['on-crash'].description} [default: as the run was begun]`,
  })(),
}

export const detachFlag = {
  detach: Flags.boolean({ description: 'run it in the background: it stays when the terminal is closed' }),
}

export const onInconclusiveFlag = {
  'on-inconclusive': Flags.option({
    options: INCONCLUSIVE_POLICIES,
    default: 'extend',
    description: 'what to do when a step ends with too little traffic to judge',
  })(),
}

/** Which run is meant. */
export const runArgs = {
  id: Args.string({ ignoreStdin: true, description: 'id of the run, or its beginning [default: the one under way]' }),
}

/** Flags of the commands that look for runs. */
export const runFindingFlags = {
  server: serverFlags.server,
  'servers-from': serverFlags['servers-from'],
  ...stateFlags,
}

/** Flags of the commands that tell a run something. */
export const orderFlags = {
  reason: Flags.string({ description: 'why, for the records', helpValue: 'TEXT' }),
  ...dryRunFlag,
  ...runFindingFlags,
}

/** What a rollout compares with, and when it raises nothing. */
export const safeguardFlags = {
  freeze: Flags.string({
    multiple: true,
    description: 'raise nothing in a part of each week, such as "Fri 16:00-Mon 08:00 Europe/Berlin"',
    helpValue: 'WINDOW',
    helpGroup: 'SAFEGUARDS',
  }),
  baseline: Flags.string({
    description: 'observation before the first step, to compare with [default: one poll interval]',
    helpValue: 'DURATION',
    helpGroup: 'SAFEGUARDS',
  }),
  ...increaseFlags(),
}

/** Limits relative to a baseline. */
function increaseFlags() {
  return {
    'max-error-rate-increase': Flags.string({
      description: 'error rate, times that of the baseline, such as 1.5x',
      helpValue: 'FACTOR',
      helpGroup: 'SAFEGUARDS',
    }),
    'max-fallback-rate-increase': Flags.string({
      description: 'fallback rate, times that of the baseline',
      helpValue: 'FACTOR',
      helpGroup: 'SAFEGUARDS',
    }),
  }
}

/** As `safeguardFlags`, for a watch: it compares with the baseline of a run. */
export const comparisonFlags = {
  baseline: Flags.string({
    description: 'compare with what was observed before a run, named by its id',
    helpValue: 'ID',
    helpGroup: 'SAFEGUARDS',
  }),
  ...increaseFlags(),
}

export const resumeFlag = {
  resume: Flags.boolean({
    description: 'go on with the rollout that was left: see rollout resume',
    // Its plan has settled all of this already. A plan file is compared with it, and told where it differs.
    exclusive: [
      ...Object.keys({ ...gradualFlags, ...onInconclusiveFlag, ...onInterruptFlag }).filter((name) => name !== 'plan'),
      ...Object.keys({ ...thresholdFlags, ...analysisFlags, ...safeguardFlags, ...pinFlags, ...environmentFlags }),
      'rollback-timeout',
    ],
  }),
}

/** The environment file for commands that only look for the copies of it. */
export const copiesFlags = {
  'env-file': Flags.string({
    description: "the server's environment file, for the copies of it [env: WSCTL_ENV_FILE]",
    helpValue: 'FILE',
    helpGroup: 'SERVER',
  }),
}

/** Flags of commands that are about the records of one server. */
export const recordFlags = {
  server: Flags.string({
    char: 's',
    multiple: true,
    multipleNonGreedy: true,
    description: 'base URL of the server that the records are about [env: WSCTL_SERVER]',
    helpValue: 'URL',
    helpGroup: 'SERVER',
  }),
  ...copiesFlags,
  ...stateFlags,
}
