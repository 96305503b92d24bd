import { connectionFailure, stopped, timedOut, tunnelFailure } from './connection-failure.js'
import { transmit, TransportFailure, type Answer, type ExchangeLimits } from './http-transport.js'
import type { Call } from './server-address.js'

/**
 * Sends one call to the server and reads the answer.
 *
 * @throws CallError when there was no answer in time, or the caller's signal was aborted
 */
export async function exchange(
  call: Call,
  token: string | null,
  limits: ExchangeLimits,
  signal?: AbortSignal,
): Promise<Answer> {
  const headers = { Accept: 'application/json', ...(token !== null && { Authorization: `Bearer ${token}` }) }
  try {
    return await transmit({ ...call, headers }, limits, signal)
  } catch (error) {
    if (!(error instanceof TransportFailure)) throw error
    const { reason, code, proxy, tunnel } = error
    if (reason === 'stopped') throw stopped(call)
    if (reason === 'timed-out') throw timedOut(call, limits.timeoutMs, proxy)
    throw tunnel && reason === 'no-tunnel' ? tunnelFailure(call, tunnel) : connectionFailure(call, code, proxy)
  }
}
