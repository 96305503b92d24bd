/** What a context holds. */
import { Flags } from '@oclif/core'
import { analysisFlags, thresholdFlags } from './judging.js'
import { environmentFlags, serverFlags, stateFlags } from './server.js'

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
