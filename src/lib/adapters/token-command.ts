import { exec, type ExecException } from 'node:child_process'
import { usageError, type WsctlError } from '../core/error.js'
import { oneLine } from './one-line.js'

/** Far more than any token needs. */
const LONGEST_OUTPUT_BYTES = 256 * 1024

/**
 * What a command of the shell prints.
 *
 * @throws WsctlError (usage) when it fails or takes longer than `timeoutMs`. The message quotes the
 *   last line of its error output, never its output, which may be a token all the same.
 */
export function runTokenCommand(command: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const limits = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: LONGEST_OUTPUT_BYTES } as const
    const child = exec(command, { ...limits, windowsHide: true }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(commandFailure(describeEnd(error, timeoutMs), stdout, stderr))
    })
    child.stdin?.end()
  })
}

/** How a command ended. The system's own error is not used: its message holds the command. */
function describeEnd(error: ExecException, timeoutMs: number): string {
  const code: unknown = error.code
  if (typeof code === 'number') return `exited with ${code}`
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'printed far more than a token'
  if (error.killed === true) return `did not end within ${timeoutMs / 1000} s`
  return typeof code === 'string' ? `failed (${code})` : `was ended by ${String(error.signal)}`
}

function commandFailure(how: string, stdout: string, stderr: string): WsctlError {
  const last = stderr.trim().split('\n').at(-1) ?? ''
  const words = last === '' ? '' : `: ${oneLine(last, stdout.trim())}`
  const message = `the command of --token-command ${how}${words}`
  return usageError(message, 'run it by hand; it has to print the token and nothing else')
}
