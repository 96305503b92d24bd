/** Several servers as one. */
import { Flags } from '@oclif/core'
import { PARTIAL_POLICIES } from '../../core/fleet.js'

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
