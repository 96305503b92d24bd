import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { meets, text, type Row } from './figures.js'
import { barChart } from './plot.js'

const PAGE = new URL('../docs/benchmarks.md', import.meta.url)
const PLOTS = new URL('../docs/benchmarks/', import.meta.url)
const FIGURES = new URL('figures.json', PLOTS)

/** The rows of each part, by its name. */
export type Figures = Readonly<Record<string, readonly Row[]>>

interface Chapter {
  readonly title: string
  readonly about: string
}

const CHAPTERS: Readonly<Record<string, Chapter>> = {
  startup: {
    title: 'Start-up',
    about:
      'Wall time from the start of the process to its end, as a ratio to `node -e 0` measured in between, on Node 20. A server ' +
      'on the same machine answers `status` and `rollback emergency`.',
  },
  footprint: { title: 'Footprint', about: 'What an installation takes. Nothing else is installed with it.' },
  safety: {
    title: 'Time to safety',
    about:
      'Half of the users are on the unified system when all of its connections begin to fail. From the first error that the ' +
      'counters show until the server was read to have everybody back on legacy, with the default settings and real ' +
      'connections. The goal is poll interval + (consecutive failures - 1) x confirm interval + 1 s.',
  },
  endurance: {
    title: 'Endurance',
    about: 'Two days of `monitor` on a simulated clock: loop, client, journal and screen are the real ones.',
  },
  fleet: {
    title: 'A fleet',
    about:
      'The built `monitor` over 500 HTTP endpoints in four processes, each with counters of its own. Each is read over a ' +
      'connection of its own, as ever.',
  },
  hour: { title: 'An hour in real time', about: 'The built `monitor` with a poll a second.' },
  input: {
    title: 'Large input',
    about: 'Large answers and large lists. Many users are asked for at the pace that a server with a limit takes.',
  },
  verdicts: {
    title: 'Verdicts',
    about:
      'How often a rule takes users back for nothing, and how soon it does for something. All rules: [verdicts.md](verdicts.md).',
  },
}

/** What was measured before, so that one part can be measured anew. */
export async function readFigures(): Promise<Figures> {
  const content = await readFile(FIGURES, 'utf8').catch(() => '{}')
  return JSON.parse(content) as Figures
}

/** Writes figures, plots and page. */
export async function writeDocument(figures: Figures): Promise<void> {
  await mkdir(PLOTS, { recursive: true })
  await writeFile(FIGURES, `${JSON.stringify(figures, null, 2)}\n`)
  const chapters: string[] = []
  for (const [part, chapter] of Object.entries(CHAPTERS)) {
    const rows = figures[part]
    if (rows !== undefined) chapters.push(await write(part, chapter, rows))
  }
  await writeFile(PAGE, [HEAD, ...chapters].join('\n\n') + '\n')
}

const HEAD = `# Benchmarks

Measured by \`npm run bench\`, which writes this page and its plots. Ratios are to something that ran beside it; seconds and
megabytes are those of one machine with two cores, and tell an order of magnitude.`

async function write(part: string, { title, about }: Chapter, rows: readonly Row[]): Promise<string> {
  const compared = rows.filter(({ goal, peer }) => goal !== null || peer !== null)
  const [first] = compared
  const isOneUnit = compared.every(({ unit }) => unit === first?.unit)
  const plot = isOneUnit && compared.length > 1
  if (plot) await writeFile(new URL(`${part}.svg`, PLOTS), await barChart(compared))
  return [
    `## ${title}`,
    about,
    ...(plot ? [`![${title}: measured, goal and peer](benchmarks/${part}.svg)`] : []),
    table(rows),
  ].join('\n\n')
}

function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { name, value, unit, goal, peer } = row
    const beside = peer === null ? '' : `${text(peer.value, unit)} (${peer.name})`
    const wanted = goal === null ? '' : `${text(goal, unit)}${meets(row) ? '' : ', missed'}`
    return `| ${name} | ${text(value, unit)} | ${wanted} | ${beside} |`
  })
  return ['| what | measured | at most | instead |', '|---|---|---|---|', ...lines].join('\n')
}
