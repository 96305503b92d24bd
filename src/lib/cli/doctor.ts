import { arch, platform, release } from 'node:os'
import { packageSchema, toDoctorDocument, type AboutSelf } from '../contract/doctor.js'
import { describeStateAddress, parseStateAddress } from '../contract/state-address.js'
import { WsctlError } from '../core/error.js'
import { span } from '../core/span.js'
import type { BaseCommand } from './base-command.js'
import { gatherSelfFacts } from './doctor-facts.js'
import type { Origin } from './setting-layers.js'
import { resolveSettings, SETTING_ROWS, type Settings, type SettingsFlags } from './settings.js'

/**
 * Looks at wsctl itself and at what it works with, prints it, and sets the exit code.
 *
 * @param problems with the settings that the command met so far
 */
export async function printDoctor(
  command: BaseCommand,
  flags: SettingsFlags,
  problems: readonly WsctlError[],
): Promise<void> {
  const settings = trySettings(command, flags)
  const { version, pjson } = command.config
  const known = settings instanceof WsctlError ? null : settings
  const facts = await gatherSelfFacts({
    settings,
    problems,
    context: command.environment.context,
    variables: command.variables,
    node: { version: process.versions.node, required: packageSchema.parse(pjson).engines.node.replace(/^\D+/, '') },
  })
  const document = toDoctorDocument(facts, {
    versions: { wsctl: version, node: process.versions.node, platform: `${platform()} ${arch()} ${release()}` },
    settings: known ? settingLines(command, known) : [],
    terminal: terminalOf(command),
  })
  const { doctorText } = await import('../render/doctor.js')
  command.print(document, ({ out }) => doctorText(document, out))
  process.exitCode = document.exitCode
}

function trySettings(command: BaseCommand, flags: SettingsFlags): Settings | WsctlError {
  try {
    return resolveSettings(flags, command.environment)
  } catch (error) {
    if (error instanceof WsctlError) return error
    throw error
  }
}

/** Every setting, its value, and the layer that it came from. */
function settingLines(command: BaseCommand, settings: Settings): AboutSelf['settings'] {
  const values: Readonly<Record<(typeof SETTING_ROWS)[number]['key'], string | null>> = {
    server: settings.server,
    'admin-path': settings.adminPath,
    'stats-path': settings.statsPath,
    token: describeToken(settings),
    'ca-file': settings.authoritiesFile,
    timeout: span(settings.timeoutMs),
    'env-file': settings.environmentFile,
    'state-dir': settings.stateDir,
    state: settings.state && describeStateAddress(parseStateAddress(settings.state)),
    context: settings.context?.name ?? null,
  }
  return SETTING_ROWS.map(({ key, setting }) => {
    const origin = key === 'context' ? contextOrigin(command) : settings.origins[key]
    return { setting, value: values[key], from: origin.kind, name: origin.kind === 'default' ? null : origin.name }
  })
}

/** Where the token comes from, never what it is; nor is the command told, which can hold a secret. */
function describeToken({ tokenFile, tokenCommand, token }: Settings): string | null {
  if (tokenFile !== null) return `the file ${tokenFile}`
  if (tokenCommand !== null) return 'the output of a command'
  return token && `the variable ${token.variable}`
}

function contextOrigin({ environment }: BaseCommand): Origin {
  const { context, dotenv } = environment
  const chosenBy = context?.chosenBy ?? null
  if (chosenBy === null) return { kind: 'default' }
  if (chosenBy === '--context') return { kind: 'flag', name: chosenBy }
  return { kind: dotenv.has(chosenBy) ? 'dotenv' : 'variable', name: chosenBy }
}

function terminalOf({ screen, variables }: BaseCommand): AboutSelf['terminal'] {
  const { stdout, stderr, out, live } = screen
  return {
    stdout: stdout.isTTY === true,
    stderr: stderr.isTTY === true,
    columns: stdout.columns ?? null,
    colour: out.palette.strong('a') !== 'a',
    live,
    type: variables['TERM'] ?? null,
  }
}
