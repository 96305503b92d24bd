import { Errors } from '@oclif/core'
import { usageError, WsctlError } from '../core/error.js'
import type { Layout } from '../render/palette.js'
import { nearestName } from './nearest.js'

/**
 * Anything that was thrown, as an error that can be shown.
 *
 * @param flags names of those that the command takes, for one that was mistyped
 */
export function toWsctlError(thrown: unknown, command: string, flags: readonly string[] = []): WsctlError {
  if (thrown instanceof WsctlError) return thrown
  if (thrown instanceof Errors.ExitError) throw thrown
  if (thrown instanceof Errors.CLIError) {
    const message = thrown.message
      .replace(/^The following errors? occurred:\s*/, '')
      .replace(/\s*See more help with --help\s*$/, '')
      .trim()
    return usageError(message, ...meantFlags(thrown, flags), `see: wsctl ${command === '' ? '' : `${command} `}--help`)
  }
  return new WsctlError('internal', `a fault in wsctl: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
    outcome: 'failed',
    suggestions: [
      'see where the server stands: wsctl status',
      'run it again with DEBUG=1 to see the stack, and report it',
    ],
    cause: thrown,
  })
}

/** So many letters of a flag are enough to mean it. */
const SHORTEST_BEGINNING = 3

/** What was probably meant by flags that there are not. The parser's error for these alone has a list of them. */
function meantFlags(error: Errors.CLIError, flags: readonly string[]): readonly string[] {
  const mistyped: unknown = Reflect.get(error, 'flags')
  if (!Array.isArray(mistyped)) return []
  return mistyped.flatMap((flag) => {
    const [, name = ''] = /^--([^=]+)/.exec(String(flag)) ?? []
    const begun = name.length < SHORTEST_BEGINNING ? undefined : flags.find((flag) => flag.startsWith(name))
    const meant = begun ?? nearestName(name, flags)
    return meant === null ? [] : [`did you mean: --${meant}`]
  })
}

/**
 * Tells an operator on stderr what went wrong and what to type next; a stack only under DEBUG.
 *
 * @param headline what went wrong, in another form than usual
 */
export async function reportError(error: WsctlError, { palette, width }: Layout, headline?: string): Promise<void> {
  const { layList, layProse } = await import('../render/prose.js')
  const { bad, dim } = palette
  const lines = [
    ...(headline === undefined ? layProse(error.message, width, { first: `${bad('Error:')} ` }) : [headline]),
    ...layList(error.suggestions, width, `  ${dim('-')} `),
  ]
  if (process.env['DEBUG'])
    lines.push(String(error.stack), ...(error.cause instanceof Error ? [String(error.cause.stack)] : []))
  process.stderr.write(`${lines.join('\n')}\n`)
}
