import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ContextsFile, Edit, FoundContexts } from '../adapters/contexts-file.js'
import {
  contextNameSchema,
  contextSchema,
  findSecret,
  PATH_KEYS,
  type ContextDocument,
  type ContextListDocument,
} from '../contract/contexts.js'
import { ANALYSIS_NAMES, analysisOptionsSchema, analysisValues } from '../contract/analysis.js'
import { THRESHOLD_KEYS, thresholdsSchema, thresholdValues } from '../contract/thresholds.js'
import { flagName, parseOptions } from '../contract/options.js'
import { usageError } from '../core/error.js'
import type { BaseCommand } from './base-command.js'
import { openContextsFile, unknownContext } from './contexts.js'

/** Flags of `context add`: the keys of a context, and what becomes of it. */
export interface AddFlags extends Readonly<Record<string, unknown>> {
  readonly server: string
  readonly protected?: boolean
  readonly use?: boolean
  readonly replace?: boolean
}

interface EditFlags {
  readonly 'dry-run'?: boolean
}

async function previewEdit(command: BaseCommand, file: ContextsFile, edit: Edit): Promise<void> {
  const { removed, added } = await file.preview(edit)
  const isChanged = removed.length + added.length > 0
  const { printWrites } = await import('./dry-run.js')
  const write = { kind: 'file', when: null, path: file.path, removed, added } as const
  await printWrites(command, { server: null, writes: isChanged ? [write] : [], warnings: [], notes: [] })
}

const PLAIN_KEYS = [
  'server',
  'admin-path',
  'stats-path',
  'timeout',
  'allow-http',
  'token-command',
  'token-env',
  'state',
]

/**
 * Adds a context. Replacing a protected one does not take the protection away.
 *
 * @throws WsctlError (usage) for what cannot be, and for a name that is taken
 */
export async function addContext(command: BaseCommand, name: string, flags: AddFlags): Promise<void> {
  const given = toContext(name, flags)
  const file = await openContextsFile()
  const edit: Edit = (document, { contexts }) => {
    const present = contexts[name]
    if (present !== undefined && flags.replace !== true) {
      throw usageError(
        `there is a context ${name} already, for ${present.server}. Nothing was changed`,
        `to put this one in its place: --replace`,
        `to change a part of it, edit ${file.path}`,
      )
    }
    const isProtected = flags.protected ?? present?.protected ?? false
    document.setIn(['contexts', name], document.createNode({ ...given, ...(isProtected && { protected: true }) }))
    if (flags.use === true) document.set('current', name)
  }
  if (flags['dry-run'] === true) return previewEdit(command, file, edit)
  await file.change(edit)
  const found = await file.read()
  for (const key of PATH_KEYS) {
    const path = found.contexts[name]?.[key]
    if (path !== undefined && key !== 'state-dir' && !existsSync(path))
      command.note(`Warning: ${key} names ${path}, which does not exist`)
  }
  command.note(
    `${name} was added to ${file.path}${found.current === name ? '' : `; to use it: wsctl context use ${name}`}`,
  )
  await printContext(command, found, name)
}

/** Makes a context the one that is used when none is named. */
export async function useContext(command: BaseCommand, name: string, flags: EditFlags): Promise<void> {
  const file = await openContextsFile()
  const found = await file.read()
  if (found.contexts[name] === undefined) throw unknownContext(found, name)
  const edit: Edit = (document, { contexts }) => {
    if (contexts[name] === undefined) throw unknownContext(found, name)
    document.set('current', name)
  }
  if (flags['dry-run'] === true) return previewEdit(command, file, edit)
  await file.change(edit)
  command.note(`the current context is ${name}`)
  await printList(command, await file.read())
}

/** Removes a context; when it was the current one, there is none any more. */
export async function removeContext(command: BaseCommand, name: string, flags: EditFlags): Promise<void> {
  const file = await openContextsFile()
  const found = await file.read()
  if (found.contexts[name] === undefined) throw unknownContext(found, name)
  const edit: Edit = (document, { current }) => {
    document.deleteIn(['contexts', name])
    if (current === name) document.set('current', null)
  }
  if (flags['dry-run'] === true) return previewEdit(command, file, edit)
  await file.change(edit)
  command.note(`${name} was removed from ${file.path}`)
  if (found.current === name) command.note('it was the current context; now there is none')
  await printList(command, await file.read())
}

export async function listContexts(command: BaseCommand): Promise<void> {
  await printList(command, await readAll(command))
}

/** @param name undefined: the current one */
export async function showContext(command: BaseCommand, name: string | undefined): Promise<void> {
  const found = await readAll(command)
  await printContext(command, found, name ?? currentOf(found))
}

/** Prints the name alone, for a prompt or a script. */
export async function printCurrent(command: BaseCommand): Promise<void> {
  const found = await readAll(command)
  command.print(contextDocument(found, currentOf(found)), () => currentOf(found))
}

async function readAll(command: BaseCommand): Promise<FoundContexts> {
  const found = await (await openContextsFile()).read()
  if (found.warning !== null) command.note(`Warning: ${found.warning}`)
  return found
}

function currentOf({ current, contexts }: FoundContexts): string {
  if (current !== null) return current
  throw usageError(
    'no context is the current one',
    Object.keys(contexts).length === 0
      ? 'to add one: wsctl context add NAME --server URL'
      : 'to choose one: wsctl context use NAME',
  )
}

/** Flags as a context in the file. Paths are those of the folder that was worked in; durations stay as typed. */
function toContext(name: string, flags: AddFlags): Readonly<Record<string, unknown>> {
  const secret = findSecret({ contexts: { [name]: flags } })
  if (secret !== null) throw usageError(`--${secret.key}: ${secret.problem} (what was given is not shown here)`)
  const named = contextNameSchema.safeParse(name)
  if (!named.success) throw usageError(`the name ${JSON.stringify(name)}: ${named.error.issues[0]?.message ?? ''}`)
  // Those that do not go together are found as well.
  parseOptions(thresholdsSchema, thresholdValues(flags))
  parseOptions(analysisOptionsSchema, analysisValues(flags))
  const thresholds = pick(flags, THRESHOLD_KEYS.map(flagName), asNumber)
  const context = {
    ...pick(flags, PLAIN_KEYS),
    ...pick(flags, PATH_KEYS, (path) => resolve(String(path))),
    ...(Object.keys(thresholds).length > 0 && { thresholds }),
    ...pick(flags, ANALYSIS_NAMES, asNumber),
  }
  const parsed = contextSchema.safeParse(context)
  if (parsed.success) return context
  throw usageError(
    parsed.error.issues.map(({ path, message }) => `--${path.map(String).join('.')}: ${message}`).join('\n'),
  )
}

type Plain = string | number | boolean

function pick(
  flags: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  map: (value: Plain) => Plain = (value) => value,
): Readonly<Record<string, Plain>> {
  const entries = keys.flatMap((key) => {
    const value = flags[key]
    return typeof value === 'string' || typeof value === 'boolean' ? [[key, map(value)] as const] : []
  })
  return Object.fromEntries(entries)
}

/** A number in the file is a number, not text. */
function asNumber(value: Plain): Plain {
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value
}

async function printList(command: BaseCommand, found: FoundContexts): Promise<void> {
  const { contextTable } = await import('../render/contexts.js')
  const document = listDocument(found)
  command.print(document, ({ out }) =>
    document.contexts.length === 0
      ? 'There are no contexts. To add one: wsctl context add NAME --server URL'
      : contextTable(document.contexts, out),
  )
}

async function printContext(command: BaseCommand, found: FoundContexts, name: string): Promise<void> {
  const document = contextDocument(found, name)
  const { contextFields } = await import('../render/contexts.js')
  command.print(document, ({ out }) => contextFields(document, out))
}

function listDocument({ path, current, contexts }: FoundContexts): ContextListDocument {
  return {
    schema: 'wsctl/context-list@1',
    path,
    current,
    contexts: Object.entries(contexts).map(([name, context]) => ({
      name,
      current: name === current,
      server: context.server,
      protected: context.protected === true,
    })),
  }
}

function contextDocument(found: FoundContexts, name: string): ContextDocument {
  const { path, current, typed } = found
  const settings = typed[name]
  if (settings === undefined) throw unknownContext(found, name)
  return {
    schema: 'wsctl/context@1',
    path,
    name,
    current: name === current,
    settings: { ...settings, protected: settings['protected'] === true },
  }
}
