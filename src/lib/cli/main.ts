import { Errors, flush, run } from '@oclif/core'
import { exitCodeOf } from '../core/outcome.js'
import { errorDocument } from '../contract/error.js'
import { reportError, toWsctlError } from './report-error.js'
import { openScreen } from './screen.js'

/**
 * The program: finds the command and runs it. Failures of commands end in the command itself; what
 * arrives here went wrong before there was one.
 *
 * @param entry `import.meta.url` of the file in `bin`
 */
export async function main(entry: string): Promise<void> {
  // A reader that left is no reason to stop a rollout, and takes nothing more that could be waited for.
  process.stderr.on('error', () => undefined)
  const left = new Promise<void>((resolve) => process.stdout.on('error', () => resolve()))
  try {
    await run(process.argv.slice(2), entry)
    await Promise.race([flush(), left])
  } catch (thrown) {
    if (thrown instanceof Errors.ExitError) {
      process.exitCode = thrown.oclif.exit ?? 0
      return
    }
    const error = toWsctlError(thrown, '')
    process.exitCode = exitCodeOf(error.outcome)
    if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(errorDocument('', error), null, 2)}\n`)
    reportError(error, openScreen(process.argv.includes('--no-color'), process.env).err.palette)
  }
}
