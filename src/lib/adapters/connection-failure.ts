import { CallError, type FailureKind } from '../core/error.js'
import { describeCall, isLoopback, type Call } from './server-address.js'

/** The call ran out of time, at whatever point. */
export function timedOut(call: Call, timeoutMs: number): CallError {
  return new CallError(
    {
      kind: 'timeout',
      status: null,
      message: `${describeCall(call)} got no complete answer from ${call.url.host} within ${timeoutMs} ms`,
    },
    { suggestions: ['allow it more time: --timeout 30s', ...checkAddress(call)] },
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

/**
 * There was no answer, or what came was not HTTP. Only the error's code is kept: the errors of axios
 * hold the request, and the request holds the token.
 */
export function connectionFailure(call: Call, error: unknown): CallError {
  const code = codeOf(error)
  const { kind, what, advice } = explain(code, call)
  return new CallError(
    { kind, status: null, message: `${describeCall(call)} got no answer: ${what}` },
    {
      suggestions: [...advice, ...checkAddress(call)],
      cause: Object.assign(new Error(`the connection failed with ${code}`), { code }),
    },
  )
}

interface Explanation {
  readonly kind: FailureKind
  /** What happened, in plain words. */
  readonly what: string
  readonly advice: readonly string[]
}

function explain(code: string, { url }: Call): Explanation {
  const host = url.port === '' ? `${url.host}:${url.protocol === 'https:' ? 443 : 80}` : url.host
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
      return unreachable(`the certificate of ${host} was issued for another name`)
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return unreachable(
        `nobody trusted here vouches for the certificate of ${host} (${code})`,
        'name the authority that issued it: NODE_EXTRA_CA_CERTS=FILE',
      )
    default:
      return code === 'EPROTO' || code.startsWith('ERR_SSL_')
        ? unreachable(`${host} does not speak TLS as expected (${code})`, 'is it plain http? --server http://…')
        : unreachable(`the connection to ${host} failed (${code})`)
  }
}

function checkAddress({ url }: Call): readonly string[] {
  return [
    'is it the right address? --server URL (or WSCTL_SERVER)',
    ...(isLoopback(url) ? [] : [`around a proxy of the environment: NO_PROXY=${url.hostname}`]),
    `see for yourself: curl -i '${url.href}'`,
  ]
}

/** The system's code, such as `ECONNREFUSED`. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'an unknown error'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
