/**
 * Many servers in one process, each with an address and counters of its own, which answer as the sandbox does.
 *
 *     node --import tsx bench/many-servers.ts COUNT     prints their base URLs, a line each, then an empty line
 */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const SAMPLES = new URL('../test/samples/', import.meta.url)

interface Body {
  readonly connection_statistics: { readonly router_stats: { legacy_connections: number } }
}

const sample = JSON.parse(await readFile(new URL('status-fresh.json', SAMPLES), 'utf8')) as {
  readonly response: { readonly body: Body }
}

async function start(): Promise<string> {
  const body = structuredClone(sample.response.body)
  const server = createServer((_request, response) => {
    body.connection_statistics.router_stats.legacy_connections += 50
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const urls = await Promise.all(Array.from({ length: Number(process.argv[2]) }, start))
process.stdout.write(`${urls.join('\n')}\n\n`)
