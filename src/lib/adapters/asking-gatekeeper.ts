import type { Arrival, GateAnswer } from '../core/event.js'
import type { AskedGate } from '../core/gate.js'
import { span } from '../core/span.js'
import type { Gatekeeper } from '../ports/gatekeeper.js'
import { oneLine } from './one-line.js'
import { environmentWithoutToken, runShell, type ShellOptions } from './shell-command.js'

/** Asks commands and addresses, and posts what they say. Whatever goes wrong is a no. */
export class AskingGatekeeper implements Gatekeeper {
  /** @param token the admin token, where it is known: no command sees it, under whatever name */
  constructor(
    private readonly post: (arrival: Arrival) => void,
    private readonly token?: string,
  ) {}

  ask(gate: AskedGate, { step, attempt }: { readonly step: number; readonly attempt: number }): void {
    void answerOf(gate, this.token).then((answer) => this.post({ kind: 'gate-answered', step, attempt, ...answer }))
  }
}

function answerOf(gate: AskedGate, token: string | undefined): Promise<GateAnswer> {
  return gate.kind === 'command' ? askCommand(gate, environmentWithoutToken(token)) : askUrl(gate)
}

async function askCommand(
  { command, timeoutMs }: Extract<AskedGate, { kind: 'command' }>,
  environment: ShellOptions['environment'],
): Promise<GateAnswer> {
  const { end, output } = await runShell(command, { timeoutMs, environment })
  const last = oneLine(output.trim().split('\n').at(-1) ?? '')
  const words = last === '' ? '' : `: ${last}`
  switch (end.kind) {
    case 'exited':
      return { open: end.code === 0, message: `${command} exited with ${end.code}${words}` }
    case 'timed-out':
      return { open: false, message: `${command} did not end within ${span(timeoutMs)}${words}` }
    case 'killed':
      return { open: false, message: `${command} was ended by ${end.signal}${words}` }
    case 'stopped':
      return { open: false, message: `${command} was stopped` }
    case 'not-started':
      return { open: false, message: `${command} could not be started: ${end.reason}` }
  }
}

async function askUrl({ url, timeoutMs }: Extract<AskedGate, { kind: 'url' }>): Promise<GateAnswer> {
  const { default: axios, isAxiosError } = await import('axios')
  try {
    const { status } = await axios.get<unknown>(url, {
      signal: AbortSignal.timeout(timeoutMs),
      timeout: timeoutMs,
      maxRedirects: 0,
      maxContentLength: 1024 * 1024,
      responseType: 'text',
      validateStatus: () => true,
    })
    return { open: status >= 200 && status < 300, message: `${url} answered ${status}` }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const isLate = isAxiosError(error) && (error.code === 'ERR_CANCELED' || error.code === 'ECONNABORTED')
    return {
      open: false,
      message: isLate ? `${url} did not answer within ${span(timeoutMs)}` : `${url}: ${oneLine(error.message)}`,
    }
  }
}
