import { Errors, run } from '@oclif/core'
import { exitCodeOf } from '../core/outcome.js'
import { endsOnTime, handedOn, stdoutLoss, watchStdout } from './output.js'

/**
 * The program: finds the command and runs it. Failures of commands end in the command itself; what
 * arrives here went wrong before there was one.
 *
 * @param entry `import.meta.url` of the file in `bin`
 */
export async function main(entry: string): Promise<void> {
  watchStdout()
  // Nothing is left to do then, and Node would first give back, piece by piece, what the system takes back at once.
  process.once('beforeExit', () => process.exit())
  // A reader that left is no reason to stop a rollout.
  process.stderr.on('error', () => undefined)
  try {
    await run(process.argv.slice(2), entry)
  } catch (thrown) {
    if (thrown instanceof Errors.ExitError) process.exitCode = thrown.oclif.exit ?? 0
    else await fail(thrown)
  }
  await accountForStdout()
  if (!endsOnTime()) return
  await handedOn(process.stderr)
  // What still hangs has had its time.
  process.exit()
}

/** Waits for stdout, and tells when not all of it arrived. */
async function accountForStdout(): Promise<void> {
  const isHandedOn = await handedOn(process.stdout)
  const error = stdoutLoss()
  if (error !== null) {
    process.stderr.write(`Error: not all of the output could be written to stdout: ${error.message}\n`)
    // How a run failed is worth more to a caller than what became of its report.
    if ((process.exitCode ?? 0) === 0) process.exitCode = exitCodeOf('failed')
  } else if (!isHandedOn) {
    process.stderr.write('Warning: not all of the output could be written to stdout: its reader does not read\n')
  }
}

/** What tells of a failure is loaded only now: nobody who asks for the version needs it. */
async function fail(thrown: unknown): Promise<void> {
  const { errorDocument } = await import('../contract/error.js')
  const { reportError, toWsctlError } = await import('./report-error.js')
  const { openScreen } = await import('./screen.js')
  const error = toWsctlError(thrown, '')
  process.exitCode = exitCodeOf(error.outcome)
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(errorDocument('', error), null, 2)}\n`)
  await reportError(error, openScreen(process.argv.includes('--no-color'), process.env).err)
}
