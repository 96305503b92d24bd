import { spawn, type ChildProcess } from 'node:child_process'
import { noticeDocument } from '../contract/notice.js'
import type { DeliveryAttempt } from '../core/delivery.js'
import type { Notice } from '../core/notice.js'
import type { NoticeTarget } from '../ports/notices.js'
import { oneLine } from './one-line.js'
import { targetId } from './post-notice.js'

/** How long a command that was asked to end may take to do so, ms. */
const GRACE_MS = 2000
/** Of its error output, the last so many characters are kept. */
const LONGEST_COMPLAINT = 4096
/** What a shell says of a command that there is not, or that cannot be run. */
const NO_COMMAND = [126, 127]

export interface CommandOptions {
  /** For the shell. */
  readonly command: string
  /** Where it runs. */
  readonly folder: string
  /** For one attempt, ms. */
  readonly timeoutMs: number
  readonly wants: (event: Notice['event']) => boolean
  /** Its variables, which never hold the admin token. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * Runs a command for each message: the document on its standard input, what matters most of it in
 * variables. In a process group of its own, so that it ends with everything that it started.
 */
export class CommandTarget implements NoticeTarget {
  readonly name: string
  readonly id: string
  readonly #options: CommandOptions

  constructor(options: CommandOptions) {
    this.#options = options
    this.name = `command (${programOf(options.command)})`
    this.id = targetId('command', options.command)
  }

  wants(event: Notice['event']): boolean {
    return this.#options.wants(event)
  }

  async send(notice: Notice, signal: AbortSignal): Promise<DeliveryAttempt> {
    const { command, folder, environment, timeoutMs } = this.#options
    const child = spawn(command, {
      shell: true,
      cwd: folder,
      env: { ...environment, ...variablesOf(notice) },
      detached: process.platform !== 'win32',
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    let complaint = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      complaint = (complaint + chunk).slice(-LONGEST_COMPLAINT)
    })
    // A command that does not read its input is none the worse for it.
    child.stdin.on('error', () => undefined)
    child.stdin.end(`${JSON.stringify(noticeDocument(notice))}\n`)
    return new Promise((resolve) => {
      const end = (attempt: DeliveryAttempt): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', stop)
        // Something that it left running may hold these open for ever.
        child.stderr.destroy()
        resolve(attempt)
      }
      const giveUp = (reason: string): void => end({ delivered: false, reason, worthRetrying: true })
      const stop = (): void => {
        signalGroup(child, 'SIGKILL')
        giveUp('it had not ended yet')
      }
      const timer = setTimeout(() => {
        endGroup(child)
        giveUp(`it did not end within ${timeoutMs / 1000} s`)
      }, timeoutMs)
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      child.once('error', (error) => end({ delivered: false, reason: error.message, worthRetrying: false }))
      child.once('exit', (code, name) => end(attemptOf(code, name, complaint)))
    })
  }
}

/** The first word that is no assignment: the rest may hold a secret. */
function programOf(command: string): string {
  const word = command.split(/\s+/).find((each) => each !== '' && !/^\w+=/.test(each))
  return oneLine(word ?? '…')
}

function attemptOf(code: number | null, signal: string | null, complaint: string): DeliveryAttempt {
  if (code === 0) return { delivered: true }
  const last = complaint.trim().split('\n').at(-1) ?? ''
  const how = code === null ? `it was ended by ${signal ?? 'a signal'}` : `it exited with ${code}`
  const reason = last === '' ? how : `${how}: ${oneLine(last)}`
  return { delivered: false, reason, worthRetrying: code === null || !NO_COMMAND.includes(code) }
}

/** Asks the command to end, and makes it end when it does not. */
function endGroup(child: ChildProcess): void {
  signalGroup(child, 'SIGTERM')
  setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS)
}

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, name)
  } catch {
    // It is gone.
  }
}

/** A variable for what a script looks at first; an empty one where nothing is known. */
function variablesOf(notice: Notice): Readonly<Record<string, string>> {
  const { event, rolloutId, command, server, title, message, time, mode, percentage, outcome, exitCode, key } = notice
  return {
    WSCTL_EVENT: event,
    WSCTL_ROLLOUT_ID: rolloutId ?? '',
    WSCTL_COMMAND: command,
    WSCTL_TITLE: title,
    WSCTL_MESSAGE: message,
    WSCTL_TIME: time,
    WSCTL_MODE: mode ?? '',
    WSCTL_PERCENTAGE: percentage === null ? '' : String(percentage),
    WSCTL_OUTCOME: outcome ?? '',
    WSCTL_EXIT_CODE: exitCode === null ? '' : String(exitCode),
    WSCTL_KEY: key,
    ...(server !== null && { WSCTL_SERVER: server }),
  }
}
