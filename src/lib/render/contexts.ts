import type { ContextDocument, ContextListDocument } from '../contract/contexts.js'
import type { Layout } from './palette.js'
import { renderFields } from './fields.js'
import { renderTable } from './table.js'
import { printable } from './text.js'

/** All contexts; a star stands before the current one. */
export function contextTable(contexts: ContextListDocument['contexts'], layout: Layout): string {
  return renderTable(
    [{ title: '' }, { title: 'context', keep: true }, { title: 'server' }, { title: '' }],
    contexts.map(({ name, current, server, protected: isProtected }) => [
      current ? '*' : '',
      printable(name),
      printable(server),
      isProtected ? 'protected' : '',
    ]),
    layout,
    (line, row) => (contexts[row]?.current === true ? layout.palette.strong(line) : line),
  )
}

/** One context with all that it says. */
export function contextFields({ name, current, path, settings }: ContextDocument, layout: Layout): string {
  return renderFields(
    [
      ['context', `${printable(name)}${current ? ' (the current one)' : ''}`],
      ...Object.entries(settings).flatMap(([key, value]) => lines(key, value)),
      ['file', printable(path)],
    ],
    layout,
  )
}

function lines(key: string, value: unknown): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null)
    return [[key, printable(typeof value === 'boolean' ? yesOrNo(value) : String(value))]]
  if (Array.isArray(value)) return [[key, String(value.length)]]
  return Object.entries(value).map(([name, inner]) => [`${key}: ${name}`, printable(String(inner))] as const)
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no'
}
