import type { ServerResponse } from 'node:http'
import type { SandboxAnswer } from './answers.js'
import type { ApiFault, Faults } from './faults.js'

const HTML = '<!doctype html><html><head><title>Bad gateway</title></head><body><h1>502 Bad gateway</h1></body></html>'

/** The fault that strikes this call now; a fault that was for so many requests wears off. */
export function takeFault(faults: Faults, call: string): { readonly fault: ApiFault | null; readonly left: Faults } {
  const { api } = faults
  if (api === null || (api.calls !== 'all' && api.calls !== call)) return { fault: null, left: faults }
  if (api.count === null) return { fault: api, left: faults }
  return { fault: api, left: { ...faults, api: api.count > 1 ? { ...api, count: api.count - 1 } : null } }
}

/** Puts an answer on the wire, spoilt by the fault. */
export function send(response: ServerResponse, answer: SandboxAnswer, fault: ApiFault | null): void {
  const json = JSON.stringify(answer.body)
  switch (fault?.kind) {
    case undefined:
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(json)
      return
    case 'error':
      response.writeHead(fault.status, { 'content-type': 'application/json' }).end('{"detail":"Service unavailable"}')
      return
    case 'busy': {
      const pause = fault.retryAfter === null ? {} : { 'retry-after': String(fault.retryAfter) }
      response.writeHead(429, { 'content-type': 'application/json', ...pause }).end('{"detail":"Too many requests"}')
      return
    }
    case 'truncated':
      response
        .writeHead(answer.status, { 'content-type': 'application/json' })
        .end(json.slice(0, Math.floor(json.length / 2)))
      return
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end(HTML)
      return
    case 'hang':
      // Neither an answer nor an end: the connection stays open until the client or the sandbox closes it.
      return
  }
}
