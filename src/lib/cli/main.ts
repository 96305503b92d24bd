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
  const stdout = watchStdout()
  // A reader that left is no reason to stop a rollout.
  process.stderr.on('error', () => undefined)
  try {
    await run(process.argv.slice(2), entry)
    await Promise.race([flush(), stdout.broken])
  } catch (thrown) {
    if (thrown instanceof Errors.ExitError) process.exitCode = thrown.oclif.exit ?? 0
    else fail(thrown)
  }
  const loss = stdout.loss()
  if (loss === null) return
  process.stderr.write(`Error: not all of the output could be written to stdout: ${loss.message}\n`)
  // How a run failed is worth more to a caller than what became of its report.
  if ((process.exitCode ?? 0) === 0) process.exitCode = exitCodeOf('failed')
}

function fail(thrown: unknown): void {
  const error = toWsctlError(thrown, '')
  process.exitCode = exitCodeOf(error.outcome)
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(errorDocument('', error), null, 2)}\n`)
  reportError(error, openScreen(process.argv.includes('--no-color'), process.env).err.palette)
}

/**
 * Keeps an account of what becomes of stdout, and keeps oclif from ending the process over it: that would
 * leave a rollout alone because a disk is full.
 */
function watchStdout(): { readonly broken: Promise<void>; readonly loss: () => Error | null } {
  let loss: Error | null = null
  const broken = new Promise<void>((resolve) => {
    process.stdout.removeAllListeners('error').on('error', (error: NodeJS.ErrnoException) => {
      // A reader that left has seen what it wanted, and takes nothing more that could be waited for.
      if (error.code !== 'EPIPE') loss ??= error
      resolve()
    })
  })
  return { broken, loss: () => loss }
}
