import { readFile, writeFile } from 'node:fs/promises'
import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec'

interface SourceMap {
  readonly version: number
  readonly sources: readonly string[]
  readonly mappings: string
}

/** Keeps of a source map what leads to lines of our own: that of dependencies is twice as long, and nobody reads it. */
export async function keepOwnLines(path: string): Promise<void> {
  const { version, sources, mappings } = JSON.parse(await readFile(path, 'utf8')) as SourceMap
  const own = sources.flatMap((source, index) => (source.startsWith('../src/') ? [{ source, index }] : []))
  const places = new Map(own.map(({ index }, place) => [index, place]))
  const lines = decode(mappings).map((line) =>
    line.map(([column, source, sourceLine, sourceColumn]): SourceMapSegment => {
      const place = source === undefined ? undefined : places.get(source)
      // Where our own ends, one without a source says so.
      return place === undefined ? [column] : [column, place, sourceLine ?? 0, sourceColumn ?? 0]
    }),
  )
  const bare = lines.map((line) => line.filter((segment, at) => segment.length > 1 || line[at - 1]?.length !== 1))
  await writeFile(
    path,
    JSON.stringify({ version, sources: own.map(({ source }) => source), names: [], mappings: encode(bare) }),
  )
}
