/** Writes what is generated and committed: the JSON Schemas, the tables in the README, and the manifest in order. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import * as z from 'zod'
import { thresholdFlags } from '../src/lib/cli/flags.js'
import { SETTING_ROWS } from '../src/lib/cli/settings.js'
import { detachedDocumentSchema } from '../src/lib/contract/detached.js'
import { auditDocumentSchema, auditEntrySchema } from '../src/lib/contract/audit.js'
import { environmentDocumentSchema } from '../src/lib/contract/environment.js'
import { errorDocumentSchema } from '../src/lib/contract/error.js'
import { eventSchema } from '../src/lib/contract/event.js'
import { healthDocumentSchema } from '../src/lib/contract/health.js'
import { historyDocumentSchema, unfinishedDocumentSchema } from '../src/lib/contract/history.js'
import { preflightDocumentSchema } from '../src/lib/contract/preflight.js'
import { resultSchema } from '../src/lib/contract/result.js'
import { sandboxDocumentSchema } from '../src/lib/contract/sandbox.js'
import { statusDocumentSchema } from '../src/lib/contract/status.js'
import { userDocumentSchema } from '../src/lib/contract/user.js'
import { OUTCOMES } from '../src/lib/core/outcome.js'

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  detached: detachedDocumentSchema,
  audit: auditDocumentSchema,
  'audit-entry': auditEntrySchema,
  environment: environmentDocumentSchema,
  error: errorDocumentSchema,
  event: eventSchema,
  health: healthDocumentSchema,
  history: historyDocumentSchema,
  preflight: preflightDocumentSchema,
  result: resultSchema,
  sandbox: sandboxDocumentSchema,
  status: statusDocumentSchema,
  unfinished: unfinishedDocumentSchema,
  user: userDocumentSchema,
}

async function writeSchemas(folder: URL): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const [name, schema] of Object.entries(SCHEMAS)) {
    const document = { title: `wsctl/${name}@1`, ...z.toJSONSchema(schema) }
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
    Object.entries(thresholdFlags).map(([name, { description = '' }]) => {
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

/** Its commands come in the order in which the disk gave the files, which differs from machine to machine. */
async function sortManifest(file: URL): Promise<void> {
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { readonly commands: Readonly<Record<string, unknown>> }
  const commands = Object.fromEntries(Object.entries(manifest.commands).sort(([a], [b]) => (a < b ? -1 : 1)))
  await writeFile(file, `${JSON.stringify({ ...manifest, commands }, null, 2)}\n`)
}

await sortManifest(new URL('../oclif.manifest.json', import.meta.url))
await writeSchemas(new URL('../docs/schemas/', import.meta.url))
await fillTables(new URL('../README.md', import.meta.url))
