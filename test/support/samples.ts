import { readdirSync, readFileSync } from 'node:fs'

const FOLDER = new URL('../samples/', import.meta.url)

/** An answer captured from the server, and what it answered. */
export interface Sample {
  readonly response: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body: unknown
  }
}

export function readSample(name: string): Sample {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Sample
}

interface StatsBody {
  readonly unified_stats: { readonly connection_details: Readonly<Record<string, object>> }
}

/** Counters as the server told them with one connection, with as many of it as are asked for: about a kilobyte each. */
export function crowdedStats(users: number): object {
  const { unified_stats: unified, ...rest } = readSample('stats-real-unified-connection').response.body as StatsBody
  const [connection] = Object.values(unified.connection_details)
  const details: Record<string, object | undefined> = {}
  for (let user = 0; user < users; user++) details[`user-${user}@example.com`] = connection
  return { ...rest, unified_stats: { ...unified, total_connections: users, connection_details: details } }
}

/** Names of all samples, sorted. */
export function sampleNames(): readonly string[] {
  return readdirSync(FOLDER)
    .map((file) => file.replace(/\.json$/, ''))
    .sort()
}
