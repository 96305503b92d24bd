import { spawn } from 'node:child_process'

/** How a command of the shell ended; `stopped`: the caller's signal was aborted first. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'not-started'; readonly reason: string }

/** More of its output than any message needs, characters. */
const LONGEST_OUTPUT = 64 * 1024
/** How long a command that was asked to end may take to do so, ms. */
const GRACE_MS = 2000

export interface ShellOptions {
  readonly timeoutMs: number
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where it runs; by default in the working folder. */
  readonly folder?: string
  /** What it finds on its standard input; by default nothing. */
  readonly input?: string
  readonly signal?: AbortSignal
}

/**
 * Runs a command of the shell in a process group of its own, so that it ends with everything that it
 * started, and no later than this process. Never rejects.
 *
 * @returns how it ended, and the end of what it printed on both streams
 */
export function runShell(
  command: string,
  { timeoutMs, environment, folder, input = '', signal }: ShellOptions,
): Promise<{ readonly end: CommandEnd; readonly output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, {
      shell: true,
      detached: process.platform !== 'win32',
      env: environment,
      ...(folder !== undefined && { cwd: folder }),
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-LONGEST_OUTPUT)
      })
    }
    // A command that does not read its input is none the worse for it.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    const finish = (end: CommandEnd): void => {
      clearTimeout(timer)
      process.off('exit', stop)
      signal?.removeEventListener('abort', stop)
      // Something that it left running may hold these open for ever.
      child.stdout.destroy()
      child.stderr.destroy()
      resolve({ end, output })
    }
    const stop = (): void => {
      signalGroup(child.pid, 'SIGKILL')
      finish({ kind: 'stopped' })
    }
    const timer = setTimeout(() => {
      signalGroup(child.pid, 'SIGTERM')
      setTimeout(() => signalGroup(child.pid, 'SIGKILL'), GRACE_MS)
      finish({ kind: 'timed-out' })
    }, timeoutMs)
    // Whoever waited for it is gone by then, and with them the time-out.
    process.once('exit', stop)
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted) stop()
    child.once('error', (error) => finish({ kind: 'not-started', reason: error.message }))
    child.once('exit', (code, name) =>
      // What it printed last may still be on its way.
      setImmediate(() =>
        finish(code === null ? { kind: 'killed', signal: name ?? 'a signal' } : { kind: 'exited', code }),
      ),
    )
  })
}

function signalGroup(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, name)
  } catch {
    // It is gone.
  }
}

const TOKEN_VARIABLES = new Set(['WSCTL_TOKEN', 'ADMIN_TOKEN'])

/**
 * The variables of this process but for those that hold the admin token, under whatever name: it is for the
 * server alone.
 *
 * @param token its value, where it is known
 */
export function environmentWithoutToken(token?: string): ShellOptions['environment'] {
  const isToken = (name: string, value: string | undefined): boolean =>
    TOKEN_VARIABLES.has(name) || (token !== undefined && value?.trim() === token)
  return Object.fromEntries(Object.entries(process.env).filter(([name, value]) => !isToken(name, value)))
}
