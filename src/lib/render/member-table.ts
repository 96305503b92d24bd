import { formatCount } from './format.js'
import type { Layout } from './palette.js'
import { renderTable } from './table.js'
import { printable, withoutScheme } from './text.js'

/** One server of a fleet, as in the document `wsctl/status@1`; what is null was not told. */
export interface MemberView {
  readonly server: string
  readonly mode: string | null
  readonly percentage: number | null
  readonly legacyEstablished: number | null
  readonly unifiedEstablished: number | null
  readonly routingErrors: number | null
  readonly fallbackActivations: number | null
  readonly failure: string | null
}

/** Each server of a fleet by itself. */
export function memberTable(members: readonly MemberView[], layout: Layout): string {
  const count = (value: number | null): string => (value === null ? '' : formatCount(value))
  return renderTable(
    [
      { title: 'server', keep: true, shorten: withoutScheme },
      { title: 'says' },
      { title: 'legacy', align: 'right' },
      { title: 'unified', align: 'right' },
      { title: 'errors', align: 'right' },
      { title: 'fallbacks', align: 'right' },
    ],
    members.map((member) => [
      printable(member.server),
      member.failure === null
        ? `${member.mode ?? 'not read'} ${member.percentage ?? 0} %`
        : printable(`no answer: ${member.failure}`),
      count(member.legacyEstablished),
      count(member.unifiedEstablished),
      count(member.routingErrors),
      count(member.fallbackActivations),
    ]),
    layout,
  )
}
