import { CallError, type FailureKind } from '../core/error.js'
import type { ProxyTunnel } from './proxy-tunnel.js'
import { describeCall, type Call } from './server-address.js'

/** The call ran out of time, at whatever point. */
export function timedOut(call: Call, timeoutMs: number, proxy: URL | null): CallError {
  const through = proxy === null ? '' : ` through the proxy ${proxy.host}`
  return new CallError(
    {
      kind: 'timeout',
      status: null,
      message: `${describeCall(call)} got no complete answer from ${call.url.host}${through} within ${timeoutMs} ms`,
    },
    { suggestions: ['allow it more time: --timeout 30s', ...checkAddress(call, proxy)] },
  )
}

/** The caller gave the call up. Whether the server acted on it is not known. */
export function stopped(call: Call): CallError {
  return new CallError({
    kind: 'unreachable',
    status: null,
    message: `${describeCall(call)} was given up before ${call.url.host} had answered`,
  })
}

/** A proxy that would not open the way to the server. The server has seen nothing of the call. */
export function tunnelFailure(call: Call, { proxy, failure }: ProxyTunnel): CallError {
  return new CallError(
    {
      kind: 'unreachable',
      status: null,
      message: `${describeCall(call)} was not sent: the proxy ${proxy.host} ${failure ?? 'gave no reason'}`,
    },
    { suggestions: checkAddress(call, proxy) },
  )
}

/** There was no answer, or what came was not HTTP. */
export function connectionFailure(call: Call, code: string, proxy: URL | null): CallError {
  const { kind, what, advice } = explain(code, call.url, proxy)
  return new CallError(
    { kind, status: null, message: `${describeCall(call)} got no answer: ${what}` },
    {
      suggestions: [...advice, ...checkAddress(call, proxy)],
      cause: Object.assign(new Error(`the connection failed with ${code}`), { code }),
    },
  )
}

/** What a failed connection is about, in plain words that hold no more of the URL than its host. */
export function describeConnectionFailure(code: string, url: URL, proxy: URL | null): string {
  return explain(code, url, proxy).what
}

interface Explanation {
  readonly kind: FailureKind
  /** What happened, in plain words. */
  readonly what: string
  readonly advice: readonly string[]
}

/** What is sent in plain text is handed to a proxy; then it is the proxy that a failed connection is about. */
function explain(code: string, server: URL, proxy: URL | null): Explanation {
  const isProxy = proxy !== null && server.protocol === 'http:'
  const url = isProxy ? proxy : server
  const port = url.port || (url.protocol === 'https:' ? 443 : 80)
  const host = `${isProxy ? 'the proxy ' : ''}${url.hostname}:${port}`
  const unreachable = (what: string, ...advice: string[]): Explanation => ({ kind: 'unreachable', what, advice })
  const tryTls = url.protocol === 'http:' ? ['does it speak TLS? --server https://…'] : []
  if (code.startsWith('HPE_')) {
    return { kind: 'invalid-answer', what: `what listens on ${host} does not speak HTTP (${code})`, advice: tryTls }
  }
  switch (code) {
    case 'ECONNREFUSED':
      return unreachable(`nothing is listening on ${host}`, 'is the server running?')
    case 'ENOTFOUND':
      return unreachable(`the name ${url.hostname} cannot be resolved`)
    case 'EAI_AGAIN':
      return unreachable(`the name ${url.hostname} cannot be resolved, because no name server answers`)
    case 'ECONNRESET':
    case 'EPIPE':
      return unreachable(`${host} closed the connection before it had answered`, ...tryTls)
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return unreachable(`there is no route to ${host}`)
    case 'ETIMEDOUT':
      return unreachable(`${host} did not take the connection`)
    case 'CERT_HAS_EXPIRED':
      return unreachable(`the certificate of ${host} has expired`)
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return unreachable(
        `the certificate of ${host} was issued for another name`,
        'use a name that it was issued for: --server https://NAME',
      )
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return unreachable(
        `nobody trusted here vouches for the certificate of ${host} (${code})`,
        'name the authority that issued it: --ca-file FILE (or WSCTL_CA_FILE)',
      )
    default:
      return code === 'EPROTO' || code.startsWith('ERR_SSL_')
        ? unreachable(`${host} does not speak TLS as expected (${code})`, 'is it plain http? --server http://…')
        : unreachable(`the connection to ${host} failed (${code})`)
  }
}

function checkAddress({ url }: Call, proxy: URL | null): readonly string[] {
  return [
    'is it the right address? --server URL (or WSCTL_SERVER)',
    ...(proxy === null ? [] : [`around the proxy ${proxy.host} of the environment: NO_PROXY=${url.hostname}`]),
    `see for yourself: curl -i '${url.href}'`,
  ]
}
