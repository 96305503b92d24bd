/**
 * Measures, prints each figure beside its goal and beside what an operator would use instead, and writes the page and the
 * plots of `docs/`.
 *
 *     npm run bench                       everything, about half an hour
 *     npm run bench -- --only startup     one part; the other figures of the page stay as they are
 *     npm run bench -- --only hour        an hour of watching in real time
 *     npm run bench -- --short            a few minutes; writes nothing, and fails when an order of magnitude is lost
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { readFigures, writeDocument } from './document.js'
import { endurance, realTimeWatch } from './endurance.js'
import { line, type Row } from './figures.js'
import { fleet } from './fleet.js'
import { footprint } from './footprint.js'
import { largeInput } from './large-input.js'
import { timeToSafety } from './safety.js'
import { startup } from './startup.js'
import { verdictsBench, verdictsPage } from './verdicts.js'

const VERDICTS = new URL('../docs/verdicts.md', import.meta.url)
/** How far a goal may be missed before it is no noise of a busy machine. */
const LOST = 10

interface Extent {
  readonly runs: number
  readonly incidents: number
  readonly hours: number
  readonly polls: number
  readonly verdictRuns: number
  readonly fleetMinutes: number
}

const FULL: Extent = { runs: 30, incidents: 30, hours: 48, polls: 100_000, verdictRuns: 400, fleetMinutes: 5 }
const SHORT: Extent = { runs: 5, incidents: 2, hours: 4, polls: 2000, verdictRuns: 40, fleetMinutes: 1 }

const PARTS: Readonly<Record<string, (extent: Extent) => Promise<readonly Row[]>>> = {
  startup: ({ runs }) => startup(runs),
  footprint: () => footprint(),
  safety: ({ incidents }) => timeToSafety(incidents),
  endurance: ({ hours, polls }) => endurance(hours, polls),
  fleet: ({ fleetMinutes }) => fleet(fleetMinutes),
  input: () => largeInput(),
  verdicts: ({ verdictRuns }) => verdicts(verdictRuns),
}

/** How far the goals are met; the tables are a page of their own. */
async function verdicts(runs: number): Promise<readonly Row[]> {
  const bench = await verdictsBench(runs, (text) => process.stderr.write(`${text}\n`))
  if (!values.short) await writeFile(VERDICTS, verdictsPage(bench))
  return bench.goals.map(({ goal, value, unit, most }) => ({ name: goal, value, unit, goal: most, peer: null }))
}

const { values } = parseArgs({ options: { short: { type: 'boolean', default: false }, only: { type: 'string' } } })
const extent = values.short ? SHORT : FULL
const parts = values.only?.split(',') ?? Object.keys(PARTS)
const measured: Record<string, readonly Row[]> = {}

for (const part of parts) {
  const measure = part === 'hour' ? () => realTimeWatch(60) : PARTS[part]
  if (measure === undefined)
    throw new RangeError(`no part ${part}; there are ${[...Object.keys(PARTS), 'hour'].join(', ')}`)
  const rows = await measure(extent)
  measured[part] = rows
  process.stdout.write(`\n${part}\n${rows.map((row) => `  ${line(row)}\n`).join('')}`)
}

if (values.short) {
  const lost = Object.values(measured)
    .flat()
    .filter((row) => row.goal !== null && row.value > row.goal * LOST)
  for (const row of lost) process.stdout.write(`\nAn order of magnitude is lost: ${line(row)}\n`)
  process.exitCode = lost.length > 0 ? 1 : 0
} else {
  await writeDocument({ ...(await readFigures()), ...measured })
}
