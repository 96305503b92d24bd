import { spawn } from 'node:child_process'

/** How a command of the shell ended. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'failed'; readonly reason: string }

/** More of its output than any message needs, characters. */
const LONGEST_OUTPUT = 64 * 1024

export interface ShellOptions {
  readonly timeoutMs: number
  readonly env: NodeJS.ProcessEnv
}

/**
 * Runs a command of the shell to its end, or ends it with all that it started. Never rejects.
 *
 * @returns how it ended, and the end of what it printed on both streams
 */
export function runShell(
  command: string,
  { timeoutMs, env }: ShellOptions,
): Promise<{ readonly end: CommandEnd; readonly output: string }> {
  return new Promise((resolve) => {
    // A process group of its own, so that what the shell started ends with it.
    const child = spawn(command, { shell: true, detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const keep = (text: string): void => {
      output = (output + text).slice(-LONGEST_OUTPUT)
    }
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    const finish = (end: CommandEnd): void => {
      clearTimeout(timer)
      // A grandchild that keeps the pipes open must not keep the run waiting.
      child.stdout.destroy()
      child.stderr.destroy()
      resolve({ end, output })
    }
    const timer = setTimeout(() => {
      endGroup(child.pid)
      finish({ kind: 'timed-out' })
    }, timeoutMs)
    child.once('error', (error) => finish({ kind: 'failed', reason: error.message }))
    child.once('exit', (code, signal) =>
      // What it printed last may still be on its way.
      setImmediate(() =>
        finish(code === null ? { kind: 'failed', reason: `ended by ${signal}` } : { kind: 'exited', code }),
      ),
    )
  })
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself meanwhile.
  }
}

const TOKEN_VARIABLES = new Set(['WSCTL_TOKEN', 'ADMIN_TOKEN'])

/** The environment of this process without the admin token, which is for the server alone. */
export function environmentWithoutToken(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !TOKEN_VARIABLES.has(name)))
}
