/** Writes what is generated and committed: schemas, the page of explanations, the tables in the README, and the manifest, which comes first. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Plugin, settings, type Interfaces } from '@oclif/core'
import * as z from 'zod'
import { analysisFlags, thresholdFlags } from '../src/lib/cli/flags/judging.js'
import { SETTING_ROWS } from '../src/lib/cli/settings.js'
import { completionDocumentSchema } from '../src/lib/contract/completion.js'
import { contextDocumentSchema, contextListDocumentSchema, contextsSchema } from '../src/lib/contract/contexts.js'
import { detachedDocumentSchema } from '../src/lib/contract/detached.js'
import { auditDocumentSchema, auditEntrySchema } from '../src/lib/contract/audit.js'
import { diagnosisDocumentSchema } from '../src/lib/contract/diagnosis.js'
import { dryRunDocumentSchema } from '../src/lib/contract/dry-run.js'
import { checklistDocumentSchema } from '../src/lib/contract/checklist.js'
import { environmentDocumentSchema } from '../src/lib/contract/environment.js'
import { errorDocumentSchema } from '../src/lib/contract/error.js'
import { eventSchema } from '../src/lib/contract/event.js'
import { explanationDocumentSchema } from '../src/lib/contract/explanation.js'
import { doctorDocumentSchema } from '../src/lib/contract/doctor.js'
import { fileJsonSchema } from '../src/lib/contract/file-values.js'
import { healthDocumentSchema } from '../src/lib/contract/health.js'
import { notResumedDocumentSchema } from '../src/lib/contract/not-resumed.js'
import { noticeSchema, notifyTestSchema } from '../src/lib/contract/notice.js'
import { planCheckDocumentSchema } from '../src/lib/contract/plan-check.js'
import { planFileSchema } from '../src/lib/contract/plan-file.js'
import { historyDocumentSchema, unfinishedDocumentSchema } from '../src/lib/contract/history.js'
import { preflightDocumentSchema } from '../src/lib/contract/preflight.js'
import { reportSchema } from '../src/lib/contract/report.js'
import { resultSchema } from '../src/lib/contract/result.js'
import { orderTakenSchema, rolloutDocumentSchema, rolloutsDocumentSchema } from '../src/lib/contract/rollout.js'
import { sandboxDocumentSchema } from '../src/lib/contract/sandbox.js'
import { scheduleDocumentSchema } from '../src/lib/contract/schedule.js'
import { statusDocumentSchema } from '../src/lib/contract/status.js'
import { userDocumentSchema } from '../src/lib/contract/user.js'
import { OUTCOMES } from '../src/lib/core/outcome.js'
import { topicsPage } from '../src/lib/render/explain.js'
import { TOPICS } from '../src/lib/render/topics/all-topics.js'

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  detached: detachedDocumentSchema,
  audit: auditDocumentSchema,
  'audit-entry': auditEntrySchema,
  diagnosis: diagnosisDocumentSchema,
  'dry-run': dryRunDocumentSchema,
  completion: completionDocumentSchema,
  context: contextDocumentSchema,
  'context-list': contextListDocumentSchema,
  doctor: doctorDocumentSchema,
  checklist: checklistDocumentSchema,
  environment: environmentDocumentSchema,
  error: errorDocumentSchema,
  event: eventSchema,
  explanation: explanationDocumentSchema,
  health: healthDocumentSchema,
  history: historyDocumentSchema,
  'order-taken': orderTakenSchema,
  'not-resumed': notResumedDocumentSchema,
  notification: noticeSchema,
  'notify-test': notifyTestSchema,
  'plan-check': planCheckDocumentSchema,
  preflight: preflightDocumentSchema,
  report: reportSchema,
  result: resultSchema,
  rollout: rolloutDocumentSchema,
  rollouts: rolloutsDocumentSchema,
  sandbox: sandboxDocumentSchema,
  schedule: scheduleDocumentSchema,
  status: statusDocumentSchema,
  unfinished: unfinishedDocumentSchema,
  user: userDocumentSchema,
}

/** Files that people write, whose schemas make editors complete. */
const FILE_SCHEMAS: Readonly<Record<string, z.ZodType>> = { contexts: contextsSchema, plan: planFileSchema }

async function writeSchemas(folder: URL): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  // What is read is described as it may be typed; what is printed, as it is.
  const schemas = [
    ...Object.entries(SCHEMAS).map(([name, schema]) => [name, z.toJSONSchema(schema)] as const),
    ...Object.entries(FILE_SCHEMAS).map(([name, schema]) => [name, fileJsonSchema(schema)] as const),
  ]
  for (const [name, schema] of schemas) {
    // A name and no address: nothing is fetched for it, wherever the file lies.
    const document = { $id: `urn:wsctl:schema:${name}:1`, title: `wsctl/${name}@1`, ...schema }
    await writeFile(new URL(`${name}.json`, folder), `${JSON.stringify(document, null, 2)}\n`)
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const code = (text: string): string => `\`${text}\``

const TABLES: Readonly<Record<string, string>> = {
  'exit codes': table(
    ['exit', 'outcome', 'meaning'],
    OUTCOMES.map(({ exitCode, outcome, meaning }) => [String(exitCode), code(outcome), meaning]),
  ),
  settings: table(
    ['setting', 'flag', 'environment', 'default'],
    SETTING_ROWS.map((row) => [
      row.setting,
      row.flag.split(', ').map(code).join(', '),
      row.variables.map(code).join(', '),
      row.fallback === null ? row.note : code(row.fallback),
    ]),
  ),
  thresholds: table(
    ['flag', 'default', 'meaning'],
    Object.entries({ ...thresholdFlags, ...analysisFlags }).map(([name, { description = '' }]) => {
      const [, meaning = description, fallback = ''] = /^(.*) \[default: (.*)\]$/.exec(description) ?? []
      return [code(`--${name}`), fallback, meaning]
    }),
  ),
}

/** Puts each table between its two marks, which have to be there. */
async function fillTables(file: URL): Promise<void> {
  let text = await readFile(file, 'utf8')
  for (const [name, rows] of Object.entries(TABLES)) {
    const [start, end] = [`<!-- ${name} -->`, `<!-- ${name} end -->`]
    const [from, to] = [text.indexOf(start), text.indexOf(end)]
    if (from === -1 || to < from)
      throw new Error(`${file.pathname} has no place for the table of ${name}: ${start} … ${end}`)
    text = `${text.slice(0, from + start.length)}\n${rows}\n${text.slice(to)}`
  }
  await writeFile(file, text)
}

type Manifest = Interfaces.Manifest

/** What oclif reads at the start in place of the commands. Those of its plugin for help are among ours. */
async function writeManifest(root: URL): Promise<void> {
  settings.enableAutoTranspile = false
  const load = async (options: Interfaces.PluginOptions): Promise<Manifest> => {
    const plugin = new Plugin({ ...options, errorOnManifestCreate: true, respectNoCacheDefault: true })
    await plugin.load()
    return (plugin as { readonly manifest?: Manifest }).manifest ?? { version: '', commands: {} }
  }
  const path = fileURLToPath(root).replace(/[\\/]$/, '')
  const own = await load({ root: path, type: 'core', ignoreManifest: true })
  const help = await load({ root: path, type: 'core', name: '@oclif/plugin-help' })
  // They come in the order in which the disk gave the files, which differs from machine to machine.
  const all = Object.entries({ ...help.commands, ...own.commands })
  const commands = Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)))
  await writeFile(new URL('oclif.manifest.json', root), `${JSON.stringify({ ...own, commands }, null, 2)}\n`)
}

const ROOT = new URL('../', import.meta.url)
if (process.argv[2] === 'manifest') {
  await writeManifest(ROOT)
} else {
  await writeSchemas(new URL('docs/schemas/', ROOT))
  await writeFile(new URL('docs/explanations.md', ROOT), topicsPage(TOPICS))
  await fillTables(new URL('README.md', ROOT))
}
