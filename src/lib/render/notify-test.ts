import type { NotifyTest } from '../contract/notice.js'
import { formatDuration } from './format.js'
import { LEVEL_WORDS, type Layout } from './palette.js'
import { renderTable } from './table.js'
import { printable } from './text.js'

/** What came of a test message, one target a line. */
export function notifyTestText(targets: NotifyTest['targets'], layout: Layout): string {
  const rows = targets.map(({ target, delivered, message, tookMs }) => [
    LEVEL_WORDS[delivered ? 'good' : 'bad'],
    printable(target),
    printable(message),
    formatDuration(tookMs),
  ])
  const columns = [
    { title: '', keep: true },
    { title: 'target', keep: true },
    { title: 'what came of it' },
    { title: 'took', align: 'right', keep: true },
  ] as const
  return renderTable(columns, rows, layout, (line, row, column) => {
    if (column !== 0) return line
    return layout.palette[targets[row]?.delivered === true ? 'good' : 'bad'](line)
  })
}
