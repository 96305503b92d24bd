import { Flags } from '@oclif/core'
import { CRASH_POLICIES, INCONCLUSIVE_POLICIES } from '../core/rollout.js'
import { DEFAULT_THRESHOLDS } from '../core/thresholds.js'

/** Flags of every command. */
export const globalFlags = {
  json: Flags.boolean({ description: 'print one JSON document on stdout, errors included', helpGroup: 'GLOBAL' }),
  'no-color': Flags.boolean({ description: 'print without colours (NO_COLOR is honoured too)', helpGroup: 'GLOBAL' }),
}

/** Where records are kept. */
export const stateFlags = {
  'state-dir': Flags.string({
    description: 'folder of the records [env: WSCTL_STATE_DIR]',
    helpValue: 'DIR',
    helpGroup: 'SERVER',
  }),
}

/** Flags of every command that talks to the server. */
export const serverFlags = {
  server: Flags.string({
    char: 's',
    description: 'base URL of the server [default: http://localhost:8000, env: WSCTL_SERVER]',
    helpValue: 'URL',
    helpGroup: 'SERVER',
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
    description: 'run a command that prints the admin token, again before it expires; else WSCTL_TOKEN or ADMIN_TOKEN',
    helpValue: 'COMMAND',
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

function threshold(description: string, helpValue: string) {
  return Flags.string({ description, helpValue, helpGroup: 'THRESHOLDS' })
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

/** Flags of every command that carries a plan out on a server. */
export const operationFlags = { ...runFlags, ...pinFlags, ...serverFlags, ...environmentFlags, ...stateFlags }

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

export const resumeFlag = {
  resume: Flags.boolean({
    description: 'go on with the rollout that was left: see rollout resume',
    // Its plan has settled all of this already.
    exclusive: [
      ...Object.keys({ ...gradualFlags, ...onInconclusiveFlag, ...onInterruptFlag }),
      ...Object.keys({ ...thresholdFlags, ...pinFlags, ...environmentFlags }),
      'rollback-timeout',
    ],
  }),
}
