/** The command lines of the documentation, as a reader would type them one after the other. */
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Lines that nobody could type here, each with the reason. */
export const NOT_RUN: readonly (readonly [line: RegExp, reason: string])[] = [
  [/^npm /, 'installs packages, or runs every test'],
  [/^(?:npx )?wsctl rehearse/, 'brings a server with 300 users of its own: test/e2e/rehearse.test.ts runs it, alone'],
  [/^(?:psql|createdb) /, 'takes programs of PostgreSQL, which wsctl does not need'],
  [/--server http:\/\/10\.|--servers-from/, 'takes several servers: test/e2e/fleet.test.ts brings them'],
  [/^docker /, 'takes Docker, and an image'],
  [/^kubectl /, 'takes a cluster'],
  [/^export /, 'names the real server and its token: the scene sets its own'],
  [/^curl (-s )?\S+\/metrics/, 'asks while a run is under way: test/lib/adapters/metrics-outlets.test.ts does'],
  [/openssl dgst/, 'signs a message that was received: test/lib/adapters/post-notice.test.ts does'],
  [/^node receive\.mjs/, 'the scene has a receiver of its own'],
  [/^#!\/bin\/sh\n# page\.sh/, 'a command of the reader, which calls somebody'],
]

/** What is typed on the pages that are written by hand and show something to type. */
export async function typedPages(): Promise<ReadonlyMap<string, readonly string[]>> {
  const docs = (await readdir(`${ROOT}docs`)).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)
  const pages = await Promise.all(
    ['README.md', ...docs].map(async (name) => [name, linesOf(await readFile(`${ROOT}${name}`, 'utf8'))] as const),
  )
  return new Map(pages.filter(([, lines]) => lines.length > 0))
}

/** What is typed on a page: a script as a whole, else line by line. */
function linesOf(page: string): readonly string[] {
  const blocks = [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block)
  return blocks
    .flatMap((block) => (block.startsWith('#!') ? [block] : block.replaceAll('\\\n', ' ').split('\n')))
    .filter((line) => line.trim() !== '')
}

/** Why a line is not run; null for one that is. */
export function whyNotRun(line: string): string | null {
  return NOT_RUN.find(([pattern]) => pattern.test(line))?.[1] ?? null
}

const QUICK = '--poll-interval 150ms --confirm-interval 100ms --min-attempts 3'

/** Minutes and hours become parts of a second; nothing else about a line changes. */
export function shortened(line: string): string {
  const short = line
    .replaceAll(/ --poll-interval \S+/g, '')
    .replaceAll(/ --step-duration \S+/g, ' --step-duration 400ms')
    .replaceAll(/ --duration \S+/g, ' --duration 600ms')
    .replaceAll(/ --baseline \d+m\b/g, ' --baseline 400ms')
    .replaceAll(/ --interval \S+/g, ' --interval 200ms')
    .replaceAll('wsctl diagnose', 'wsctl diagnose --duration 500ms')
  const pace = short.includes('--step-duration') ? QUICK : `${QUICK} --step-duration 400ms`
  return short
    .replace(/wsctl (?:deploy|rollback) gradual\b/, `$& ${pace}`)
    .replace(/wsctl (?:monitor|deploy full)\b/, `$& ${QUICK}`)
}
