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

/** Names of all samples, sorted. */
export function sampleNames(): readonly string[] {
  return readdirSync(FOLDER)
    .map((file) => file.replace(/\.json$/, ''))
    .sort()
}
