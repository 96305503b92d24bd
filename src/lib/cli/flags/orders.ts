/** Which run is meant, and what it is told. */
import { Args, Flags } from '@oclif/core'
import { dryRunFlag } from './run.js'
import { serverFlags, stateFlags } from './server.js'

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
