/** Which server is meant, how it is reached, and where what is known of it is kept. */
import { Flags } from '@oclif/core'

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
