import { fitColumns, GAP } from './columns.js'
import type { Layout } from './palette.js'
import { widthOf, wrap } from './text.js'

/** Names on the left, values beside them, no wider than the layout: what does not fit is broken. */
export function renderFields(
  fields: readonly (readonly [name: string, value: string])[],
  { palette, width }: Layout,
  paintValue: (line: string, name: string) => string = (line) => line,
): string {
  const natural = [0, 1].map((column) => Math.max(0, ...fields.map((field) => widthOf(field[column] ?? ''))))
  const [names = 0, values = 0] = fitColumns([{ title: '', keep: true }, { title: '' }], natural, width).map(
    (column) => column.width,
  )
  const lay = (name: string, value: string): string =>
    palette.dim(name) + ' '.repeat(names - widthOf(name) + GAP) + value
  return fields
    .flatMap(([name, value]) => {
      const left = wrap(name, names)
      const right = wrap(value, values)
      return Array.from({ length: Math.max(left.length, right.length) }, (_, line) =>
        lay(left[line] ?? '', paintValue(right[line] ?? '', name)),
      )
    })
    .map((line) => line.trimEnd())
    .join('\n')
}
