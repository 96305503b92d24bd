import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, extname, isAbsolute, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { changedLines } from '../adapters/line-changes.js'
import { usageError, type WsctlError } from '../core/error.js'
import type { BaseCommand } from './base-command.js'
import { quote } from './address.js'
import { lintPlan } from './plan-file.js'

/** Published with the package. */
const SCHEMA = fileURLToPath(new URL('../../../docs/schemas/plan.json', import.meta.url))

const PLAN = `# What can be said here, and more: docs/plan-files.md of wsctl, or: wsctl plan --help
schema: wsctl/plan@1
name: rollout

# Rising percentages of users on the unified system.
steps:
  - 1
  - 5
  - percentage: 10
    duration: 1h # longer than the others
  - percentage: 25
    gate: approval # somebody has to say: go on
  - 50
  - percentage: 100
    thresholds: {max-error-rate: 2} # stricter than for the others

# Of steps without a duration of their own. A bare number is minutes.
step-duration: 30m

# When the rollout is going wrong. What is left out has its default.
thresholds:
  max-error-rate: 5 # routing errors per attempt, %
  max-fallback-rate: 10 # fallback activations per attempt, %
  consecutive-failures: 3 # failed checks in a row before rollback
  min-attempts: 20 # attempts that a rate needs before it means anything

on-inconclusive: extend # a step ends with too little traffic: extend, advance, hold or rollback
on-interrupt: hold # Ctrl-C or SIGTERM: hold or rollback
`

/**
 * Writes a plan file to begin with, unless there is one.
 *
 * @throws WsctlError (usage)
 */
export async function writePlanFile(
  command: BaseCommand,
  path: string,
  { 'dry-run': isDry = false }: { readonly 'dry-run'?: boolean } = {},
): Promise<void> {
  const extension = extname(path).toLowerCase()
  if (extension !== '.yaml' && extension !== '.yml') {
    throw usageError(
      `${path}: a plan is written as YAML`,
      `name it so: wsctl plan init ${quote(`${path.slice(0, path.length - extension.length)}.yaml`)}`,
    )
  }
  const text = `${schemaLines(resolve(path), SCHEMA)}\n${PLAN}`
  if (isDry) return previewPlanFile(command, path, text)
  try {
    await writeFile(path, text, { flag: 'wx' })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === 'EEXIST') throw isThere(path)
    throw usageError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`)
  }
  command.note(`To see what it does: wsctl plan --plan ${quote(path)}`)
  await lintPlan(command, path)
}

/**
 * The comment by which editors find the schema. It is relative where the package is installed for the folder of the
 * file, beneath it or in a `node_modules` above, so that the file can be shared; else it holds on this machine
 * alone, which the comment then says.
 *
 * @param path of the plan file, absolute
 * @param schema of the package, absolute
 */
export function schemaLines(path: string, schema: string): string {
  const folder = dirname(path)
  const [home = schema] = schema.split(/[/\\]node_modules[/\\]/)
  const isBeneath = isWithin(schema, folder)
  if (isBeneath || (home !== schema && isWithin(folder, home))) {
    const between = encodeURI(relative(folder, schema).replaceAll('\\', '/'))
    return `${MARK}${isBeneath ? `./${between}` : between}`
  }
  return [
    `${MARK}${pathToFileURL(schema).href}`,
    '# That is the schema of the wsctl on this machine. For a copy beside this file, to be named above:',
    '# wsctl plan schema > plan.schema.json',
  ].join('\n')
}

const MARK = '# yaml-language-server: $schema='

function isWithin(path: string, folder: string): boolean {
  const between = relative(folder, path)
  return between !== '..' && !between.startsWith(`..${sep}`) && !isAbsolute(between)
}

/** Prints the JSON Schema of plan files, as it is published. */
export async function printPlanSchema(command: BaseCommand): Promise<void> {
  const text = await readFile(SCHEMA, 'utf8')
  command.print(JSON.parse(text) as object, () => text.trimEnd())
}

function isThere(path: string): WsctlError {
  return usageError(`${path} is there already, and was left alone`, `to check it: wsctl plan lint ${quote(path)}`)
}

async function previewPlanFile(command: BaseCommand, path: string, text: string): Promise<void> {
  if (existsSync(path)) throw isThere(path)
  const { removed, added } = changedLines('', text, (line) => line)
  const { printWrites } = await import('./dry-run.js')
  const write = { kind: 'file', when: null, path: resolve(path), removed, added } as const
  await printWrites(command, { server: null, writes: [write], warnings: [], notes: [] })
}
