import type { DoctorDocument } from '../contract/doctor.js'
import { findingsHeadline, findingsTable, nextLines } from './findings.js'
import type { Layout } from './palette.js'
import { renderFields } from './fields.js'
import { renderTable } from './table.js'
import { printable } from './text.js'

/** Versions, every setting with the layer that it came from, what was found, and what to type next. */
export function doctorText(document: DoctorDocument, layout: Layout): string {
  const { versions, settings, findings } = document
  return [
    findingsHeadline('doctor', document, layout),
    renderFields(
      [
        ['wsctl', versions.wsctl],
        ['node', versions.node],
        ['platform', versions.platform],
        ['terminal', terminal(document.terminal)],
      ],
      layout,
    ),
    ...(settings.length === 0 ? [] : [settingsTable(settings, layout)]),
    findingsTable(findings, layout),
    ...nextLines(findings, layout),
  ].join('\n\n')
}

function terminal({ stdout, stderr, columns, colour, live, type }: DoctorDocument['terminal']): string {
  const where = stdout ? `${columns ?? 80} columns` : 'stdout goes to a file or a pipe'
  const progress = live ? 'a live view' : stderr ? 'lines, no live view' : 'lines'
  return [type ?? 'no TERM', where, colour ? 'colours' : 'no colours', progress].map(printable).join(', ')
}

function settingsTable(settings: DoctorDocument['settings'], layout: Layout): string {
  return renderTable(
    [{ title: 'setting', keep: true }, { title: 'value' }, { title: 'from', keep: true }],
    settings.map((setting) => [setting.setting, printable(setting.value ?? 'none'), origin(setting)]),
    layout,
    (line, row) => (settings[row]?.from === 'default' ? layout.palette.dim(line) : line),
  )
}

function origin({ setting, value, from, name }: DoctorDocument['settings'][number]): string {
  switch (from) {
    case 'flag':
    case 'variable':
      return printable(name ?? from)
    case 'dotenv':
      return printable(`${name ?? ''} in .env`)
    case 'context':
      return printable(`context ${name ?? ''}`)
    case 'default':
      return setting === 'context' && value !== null ? 'current' : 'default'
  }
}
