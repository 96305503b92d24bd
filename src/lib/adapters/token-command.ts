import { exec, type ExecException } from 'node:child_process'
import { Socket } from 'node:net'
import { usageError, type WsctlError } from '../core/error.js'
import { oneLine } from './one-line.js'

/** Far more than any token needs. */
const LONGEST_OUTPUT_BYTES = 256 * 1024

/**
 * What a command of the shell prints. The command does not keep wsctl from ending, and is killed when it
 * does: a run that is over must not wait for a token that nobody needs any more.
 *
 * @throws WsctlError (usage) when it fails or takes longer than `timeoutMs`. The message quotes the
 *   last line of its error output, never its output, which may be a token all the same.
 */
export function runTokenCommand(command: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const limits = { signal, killSignal: 'SIGKILL', maxBuffer: LONGEST_OUTPUT_BYTES } as const
    const kill = (): boolean => child.kill('SIGKILL')
    const child = exec(command, { ...limits, windowsHide: true }, (error, stdout, stderr) => {
      process.off('exit', kill)
      if (error === null) return resolve(stdout)
      // The end of the signal asks the command to end; it may not listen.
      kill()
      reject(commandFailure(describeEnd(error, timeoutMs), stdout, stderr))
    })
    process.once('exit', kill)
    child.stdin?.end()
    child.unref()
    for (const output of [child.stdout, child.stderr]) if (output instanceof Socket) output.unref()
  })
}

/** How a command ended. The system's own error is not used: its message holds the command. */
function describeEnd(error: ExecException, timeoutMs: number): string {
  const code: unknown = error.code
  if (typeof code === 'number') return `exited with ${code}`
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'printed far more than a token'
  if (code === 'ABORT_ERR') return `did not end within ${timeoutMs / 1000} s`
  return typeof code === 'string' ? `failed (${code})` : `was ended by ${String(error.signal)}`
}

function commandFailure(how: string, stdout: string, stderr: string): WsctlError {
  const last = stderr.trim().split('\n').at(-1) ?? ''
  const words = last === '' ? '' : `: ${oneLine(last, stdout.trim())}`
  const message = `the command of --token-command ${how}${words}`
  return usageError(message, 'run it by hand; it has to print the token and nothing else')
}
