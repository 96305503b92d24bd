/** How a run is carried out, and who is told of it. */
import { Flags } from '@oclif/core'
import { CRASH_POLICIES } from '../../core/rollout.js'
import { quorumFlag } from './fleet.js'
import { environmentFlags, serverFlags, stateFlags } from './server.js'

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

/** Of every command that changes something: a server, a run or a file. */
export const dryRunFlag = {
  'dry-run': Flags.boolean({ description: 'show what would be written, and write nothing' }),
}

/** Of every command that changes a server. */
export const confirmFlag = {
  yes: Flags.boolean({ description: 'do not ask before a change to what a context protects' }),
}

export const detachFlag = {
  detach: Flags.boolean({ description: 'run it in the background: it stays when the terminal is closed' }),
}

/** The checks before a run. */
export const preflightFlag = {
  'no-preflight': Flags.boolean({ description: 'begin without the checks of: wsctl preflight' }),
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

export const resumedOnCrashFlag = {
  'on-crash': Flags.option({
    options: CRASH_POLICIES,
    description: `${onCrashFlag['on-crash'].description} [default: as the run was begun]`,
  })(),
}
