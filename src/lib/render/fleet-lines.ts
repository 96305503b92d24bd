/** How the servers of a fleet fare, the worst first. */
import { rate } from '../core/analysis.js'
import { answered, settingsOfMember, type Member } from '../core/fleet.js'
import type { RolloutState } from '../core/rollout.js'
import { describeSettings } from '../core/server.js'
import { countOf, formatRate } from './format.js'
import type { Layout, Level } from './palette.js'
import { cut, printable } from './text.js'

/** More servers than these are counted, not shown. */
const SHOWN = 10

interface Line {
  readonly level: Level | 'dim'
  readonly text: string
}

/** None for a single server, or before anything was read. */
export function fleetLines(state: RolloutState, { palette, width }: Layout, indent: string): readonly string[] {
  const { status, fleet } = state
  if (fleet === undefined || status?.members === undefined) return []
  const ranked = status.members
    .map((member) => ({ member, rank: rankOf(member, state) }))
    .toSorted((a, b) => b.rank - a.rank)
  const shown = ranked.slice(0, SHOWN).map(({ member }) => member)
  const names = Math.max(...shown.map(({ server }) => server.length))
  const lines = shown.map((member) => lineOf(member, state, Math.min(names, Math.floor(width / 2))))
  const more = ranked.slice(SHOWN).map(({ member }) => member)
  const silent = more.filter((member) => !answered(member)).length
  const rest =
    more.length === 0
      ? []
      : [`and ${countOf(more.length, 'server')} more, ${silent === 0 ? 'all answer' : `${silent} do not answer`}`]
  return [...lines, ...rest.map((text): Line => ({ level: 'dim', text }))].map(
    ({ level, text }) => indent + palette[level](cut(printable(text), width - indent.length)),
  )
}

/** Who does not answer is worst, then who is at fault, then who fails most. */
function rankOf(member: Member, { fleet }: RolloutState): number {
  if (!answered(member)) return Number.POSITIVE_INFINITY
  const known = fleet?.members[member.server]
  if (known === undefined) return 0
  const share = rate(known.total.errors + known.total.fallbacks, known.total.attempts) ?? 0
  return known.failures * 1e6 + share
}

function lineOf(member: Member, { fleet, status }: RolloutState, nameWidth: number): Line {
  const { server, failure } = member
  const name = server.padEnd(nameWidth)
  if (failure !== undefined) return { level: 'bad', text: `${name}  no answer: ${failure.message}` }
  const settings = status && settingsOfMember(status, member)
  const known = fleet?.members[server]
  const where = settings ? describeSettings(settings) : 'not read yet'
  if (known === undefined) return { level: 'dim', text: `${name}  ${where}` }
  const { attempts, errors, fallbacks } = known.total
  const rates = `errors ${formatRate(rate(errors, attempts))}, fallbacks ${formatRate(rate(fallbacks, attempts))}`
  return {
    level: known.failures > 0 ? 'bad' : 'info',
    text: `${name}  ${where}, ${countOf(attempts, 'attempt')}, ${rates}`,
  }
}
