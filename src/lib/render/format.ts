import prettyMs from 'pretty-ms'
import { formatPercent } from '../core/analysis.js'
import type { Mode } from '../core/server.js'

let counts: Intl.NumberFormat | null = null

/** A count with its thousands apart, such as `12,480`. What knows how is slow to make, and most counts are small. */
export function formatCount(count: number): string {
  if (Number.isInteger(count) && Math.abs(count) < 1000) return String(count)
  counts ??= new Intl.NumberFormat('en-US')
  return counts.format(count)
}

/** A count and what it counts, such as `1 attempt` or `240 attempts`. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** A duration in its two largest units, such as `12m 30s`; below a second `500ms`. */
export function formatDuration(ms: number): string {
  return prettyMs(ms < 1000 ? Math.round(ms) : ms, { secondsDecimalDigits: 0, unitCount: 2 })
}

/** Per cent as everywhere in wsctl; a dash where nothing could be measured. */
export function formatRate(rate: number | null): string {
  return rate === null ? '-' : formatPercent(rate)
}

/** An ISO time to the second, UTC, such as `2026-11-24T09:00:00Z`: sorts, and survives midnight. */
export function formatInstant(iso: string): string {
  return `${iso.slice(0, 19)}Z`
}

/** The time of day of an ISO time, UTC, such as `09:00:00Z`. */
export function formatTimeOfDay(iso: string): string {
  return `${iso.slice(11, 19)}Z`
}

/** From one ISO time to another, ms. */
export function elapsedMs(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from))
}

const PHASES: Readonly<Record<Mode, string>> = {
  disabled: 'Not deployed',
  testing: 'Phase 1: testing',
  gradual: 'Phase 2: gradual rollout',
  full: 'Phase 3: full deployment',
}

/** The deployment guide's name for a mode. */
export function phaseOf(mode: Mode): string {
  return PHASES[mode]
}
