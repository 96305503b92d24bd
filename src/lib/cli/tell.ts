import { layProse } from '../render/prose.js'

/** Tells the operator something on stderr, broken between words where that is a terminal. */
export function tell(message: string): void {
  const { stderr } = process
  const width = stderr.isTTY && stderr.columns ? stderr.columns : Number.POSITIVE_INFINITY
  stderr.write(`${layProse(message, width, { first: '', rest: '  ' }).join('\n')}\n`)
}
