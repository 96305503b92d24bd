/** The bench of verdicts as tables for the documentation. */
import type { VerdictRow, VerdictsBench } from './verdicts.js'
import { percent } from './verdict-tally.js'

export function verdictsMarkdown({ runs, rows, goals }: VerdictsBench): string {
  const of = (table: VerdictRow['table']): readonly VerdictRow[] => rows.filter((row) => row.table === table)
  return [
    `${runs} runs each, limit 1 %, 120 checks. With no rate above the limit: how many runs were rolled back. Else: the ` +
      'median of the checks it took, and how many runs never were, where any.',
    table(
      ['goal (sequential)', 'measured', 'met'],
      goals.map(({ goal, measured, met }) => [goal, measured, met ? 'yes' : 'no']),
    ),
    '### Every rule, a check every 10 s',
    pivot(of('rules'), (row) => cell(row, row.medianChecks)),
    '### Failures in bursts, 200 attempts a check',
    pivot(of('bursts'), (row) => cell(row, row.medianChecks)),
    '### With the default intervals: seconds to the rollback',
    pivot(of('intervals'), (row) => cell(row, row.medianMs === null ? null : Math.round(row.medianMs / 1000))),
    '### Rollouts of 12 steps of 10 checks, 200 attempts a check: how they end',
    pivot(of('rollouts'), ({ outcomes }) =>
      Object.entries(outcomes ?? {})
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([outcome, share]) => `${outcome} ${percent(share)}`)
        .join(', '),
    ),
  ].join('\n\n')
}

function cell({ falseShare, missedShare }: VerdictRow, found: number | null): string {
  if (missedShare === null) return percent(falseShare)
  return [
    found === null ? 'never' : String(found),
    ...(missedShare > 0 && found !== null ? [`missed ${percent(missedShare)}`] : []),
    ...(falseShare > 0 ? [`too early ${percent(falseShare)}`] : []),
  ].join(', ')
}

function pivot(rows: readonly VerdictRow[], show: (row: VerdictRow) => string): string {
  const rules = [...new Set(rows.map(({ rule }) => rule))]
  const lines = [...new Set(rows.map(({ group, scenario }) => `${group}, ${scenario}`))]
  return table(
    ['', ...rules],
    lines.map((line) => [
      line,
      ...rules.map((rule) => {
        const row = rows.find((one) => one.rule === rule && `${one.group}, ${one.scenario}` === line)
        return row === undefined ? '' : show(row)
      }),
    ]),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
