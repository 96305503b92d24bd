import { noticeDocument } from '../contract/notice.js'
import type { DeliveryAttempt } from '../core/delivery.js'
import type { Notice } from '../core/notice.js'
import type { NoticeTarget } from '../ports/notices.js'
import { oneLine } from './one-line.js'
import { targetId } from './post-notice.js'
import { runShell, type CommandEnd } from './shell-command.js'

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
    const { end, output } = await runShell(command, {
      timeoutMs,
      folder,
      signal,
      environment: { ...environment, ...variablesOf(notice) },
      input: `${JSON.stringify(noticeDocument(notice))}\n`,
    })
    return attemptOf(end, output, timeoutMs)
  }
}

/** The first word that is no assignment: the rest may hold a secret. */
function programOf(command: string): string {
  const word = command.split(/\s+/).find((each) => each !== '' && !/^\w+=/.test(each))
  return oneLine(word ?? '…')
}

function attemptOf(end: CommandEnd, output: string, timeoutMs: number): DeliveryAttempt {
  const last = output.trim().split('\n').at(-1) ?? ''
  const failed = (how: string, worthRetrying = true): DeliveryAttempt => ({
    delivered: false,
    reason: last === '' ? how : `${how}: ${oneLine(last)}`,
    worthRetrying,
  })
  switch (end.kind) {
    case 'exited':
      return end.code === 0 ? { delivered: true } : failed(`it exited with ${end.code}`, !NO_COMMAND.includes(end.code))
    case 'timed-out':
      return failed(`it did not end within ${timeoutMs / 1000} s`)
    case 'killed':
      return failed(`it was ended by ${end.signal}`)
    case 'stopped':
      return failed('it had not ended yet')
    case 'not-started':
      return failed(end.reason, false)
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
