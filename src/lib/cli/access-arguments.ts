import { metricsFlags, serverFlags, stateFlags } from './flags.js'

/**
 * Flags by which another process of wsctl reaches the same server in the same way as this one, and shows
 * its numbers in the same places. The token is not among them: it comes from the environment, or from the
 * file or command that they name.
 */
export function accessArguments(flags: Readonly<Record<string, unknown>>, server: string): readonly string[] {
  const given = { ...flags, server }
  return Object.keys({ ...serverFlags, ...stateFlags, ...metricsFlags }).flatMap((name) => {
    const value: unknown = Reflect.get(given, name)
    if (value === true) return [`--${name}`]
    return typeof value === 'string' ? [`--${name}=${value}`] : []
  })
}
