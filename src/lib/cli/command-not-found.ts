import type { Hook } from '@oclif/core'
import { usageError } from '../core/error.js'
import { nearestName } from './nearest.js'

/** A mistyped command: names the one that was meant. */
const commandNotFound: Hook<'command_not_found'> = async ({ id, config }) => {
  const typed = id.replaceAll(':', ' ')
  const names = [...config.commandIDs, ...config.topics.map(({ name }) => name)]
  const meant = nearestName(
    typed,
    names.map((known) => known.replaceAll(':', ' ')),
  )
  const suggestions = meant === null ? [] : [`did you mean: wsctl ${meant}`]
  throw usageError(`wsctl has no command ${typed}`, ...suggestions, 'all commands: wsctl --help')
}

export default commandNotFound
