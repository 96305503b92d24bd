import type { Arrival, GateAnswer } from '../core/event.js'
import type { AskedGate } from '../core/gate.js'
import { span } from '../core/span.js'
import type { Gatekeeper } from '../ports/gatekeeper.js'
import { oneLine } from './one-line.js'
import { environmentWithoutToken, runShell } from './shell-command.js'

/** Asks commands and addresses, and posts what they say. Whatever goes wrong is a no. */
export class AskingGatekeeper implements Gatekeeper {
  constructor(private readonly post: (arrival: Arrival) => void) {}

  ask(gate: AskedGate, { step, attempt }: { readonly step: number; readonly attempt: number }): void {
    void answerOf(gate).then((answer) => this.post({ kind: 'gate-answered', step, attempt, ...answer }))
  }
}

function answerOf(gate: AskedGate): Promise<GateAnswer> {
  return gate.kind === 'command' ? askCommand(gate) : askUrl(gate)
}

async function askCommand({ command, timeoutMs }: Extract<AskedGate, { kind: 'command' }>): Promise<GateAnswer> {
  const { end, output } = await runShell(command, { timeoutMs, env: environmentWithoutToken() })
  const last = oneLine(output.trim().split('\n').at(-1) ?? '')
  const words = last === '' ? '' : `: ${last}`
  switch (end.kind) {
    case 'exited':
      return { open: end.code === 0, message: `${command} exited with ${end.code}${words}` }
    case 'timed-out':
      return { open: false, message: `${command} did not end within ${span(timeoutMs)}${words}` }
    case 'failed':
      return { open: false, message: `${command} failed: ${end.reason}${words}` }
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
