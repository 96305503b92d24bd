import type { Hook } from '@oclif/core'
import { closest } from 'fastest-levenshtein'
import { usageError } from '../core/error.js'

/** A mistyped command: names the nearest one. */
const commandNotFound: Hook<'command_not_found'> = async ({ id, config }) => {
  const typed = id.replaceAll(':', ' ')
  const names = [...config.commandIDs, ...config.topics.map(({ name }) => name)]
  const nearest = closest(
    typed,
    names.map((known) => known.replaceAll(':', ' ')),
  )
  throw usageError(`wsctl has no command ${typed}`, `did you mean: wsctl ${nearest}`, 'all commands: wsctl --help')
}

export default commandNotFound
