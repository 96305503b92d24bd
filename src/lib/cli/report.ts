import { extname } from 'node:path'
import { writeReport } from '../adapters/report-file.js'
import { noBeginning } from '../adapters/run-records.js'
import { systemClock } from '../adapters/system-clock.js'
import type { Report } from '../contract/report.js'
import { attemptRecords } from '../core/attempt.js'
import { usageError } from '../core/error.js'
import type { RunStore } from '../ports/state-store.js'
import type { BaseCommand } from './base-command.js'
import { readRecords } from './records.js'
import { resolveSettings, type Settings, type SettingsFlags } from './settings.js'
import { openState } from './state-store.js'
import { unfinishedStates } from './unfinished-states.js'

export const REPORT_FORMATS = ['html', 'md', 'json'] as const
type Format = (typeof REPORT_FORMATS)[number]

export interface ReportFlags extends SettingsFlags {
  readonly format?: Format | undefined
  readonly output?: string | undefined
}

/**
 * Makes the report of a run and prints it, or writes it to a file. Under `--json` the document is what is
 * printed, whatever the file holds.
 *
 * @param prefix beginning of an id; undefined: the newest run
 * @throws WsctlError (usage) when there is no such run, or when it is not clear what goes where
 */
export async function makeReport(command: BaseCommand, prefix: string | undefined, flags: ReportFlags): Promise<void> {
  const { output } = flags
  const format = formatOf(flags, command.json)
  const settings = resolveSettings(flags, command.environment)
  const report = await compose(command, settings, prefix)
  if (output === undefined) {
    process.stdout.write(await write(report, format))
    return
  }
  await writeReport(output, await write(report, format))
  command.print(report, () => `${report.rolloutId}: the report is in ${output}`)
}

/** @throws WsctlError (usage) when `--json` asks for one thing on stdout and `--format` for another */
function formatOf({ format, output }: ReportFlags, json: boolean): Format {
  if (output === undefined) {
    if (json && format !== undefined && format !== 'json') {
      throw usageError(`--json and --format ${format} were both given`, 'name a file for the report: --output FILE')
    }
    return json ? 'json' : (format ?? 'md')
  }
  const named = { '.html': 'html', '.htm': 'html', '.md': 'md', '.json': 'json' } as const
  const extension = extname(output).toLowerCase()
  const found = format ?? Object.entries(named).find(([known]) => known === extension)?.[1]
  if (found !== undefined) return found
  throw usageError(`--output ${output} does not tell the format`, `say which: --format ${REPORT_FORMATS.join(', ')}`)
}

async function compose(command: BaseCommand, settings: Settings, prefix: string | undefined): Promise<Report> {
  const { runs, locks } = await openState(settings)
  const id = await runs.find(prefix ?? (await newest(runs)))
  const events = await runs.events(id)
  if (events[0]?.type !== 'started') throw noBeginning(id)
  const stateOf = await unfinishedStates(locks)
  const { server } = events[0].plan
  const records = await readRecords(settings, server, (message) => command.note(message))
  const state = records.runs.find(({ plan }) => plan.id === id) ?? null
  const { composeReport } = await import('../report/compose.js')
  return composeReport(events, {
    generator: `wsctl ${command.config.version}`,
    generatedAt: systemClock.wallTime(),
    unfinishedState: stateOf(id),
    records: attemptRecords(records, server, state),
  })
}

async function newest(runs: RunStore): Promise<string> {
  const [id] = await runs.ids()
  if (id !== undefined) return id
  throw usageError(
    `no run is recorded in ${runs.place}`,
    'name the folder of the records: --state-dir DIR (or WSCTL_STATE_DIR)',
  )
}

async function write(report: Report, format: Format): Promise<string> {
  switch (format) {
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`
    case 'md': {
      const { markdownReport } = await import('../report/markdown.js')
      return markdownReport(report)
    }
    case 'html': {
      const [{ htmlReport }, { loadDraw }] = await Promise.all([
        import('../report/html.js'),
        import('../report/draw.js'),
      ])
      return htmlReport(report, await loadDraw())
    }
  }
}
