import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const SAMPLE = new URL('../test/samples/status-fresh.json', import.meta.url)

interface StatusBody {
  readonly connection_statistics: { readonly router_stats: { legacy_connections: number } }
}

/**
 * A server that answers `status` as the real one does, with 50 more connections each time: days of polls are simulated
 * in minutes, and a sandbox's users live in real time.
 */
export async function startCountingServer(): Promise<{ readonly url: string; readonly close: () => void }> {
  const sample = JSON.parse(await readFile(SAMPLE, 'utf8')) as { readonly response: { readonly body: StatusBody } }
  const { body } = sample.response
  const server = createServer((_request, response) => {
    body.connection_statistics.router_stats.legacy_connections += 50
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  }
}
