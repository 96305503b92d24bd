/** A part of each week in which nothing is raised. */
export interface FreezeWindow {
  /** As typed, for people, such as `Fri 16:00-Mon 08:00 Europe/Berlin`. */
  readonly text: string
  /** IANA name. */
  readonly timeZone: string
  /** Minutes since Monday 00:00 by the clocks there. A window that ends before it begins spans the turn of the week. */
  readonly fromMinute: number
  readonly toMinute: number
}

export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const
export const MINUTES_A_DAY = 24 * 60

/**
 * The window that a moment lies in; null when none.
 *
 * @param wallMs ms since 1970
 */
export function frozenBy(windows: readonly FreezeWindow[], wallMs: number): FreezeWindow | null {
  return windows.find((window) => isWithin(window, minuteOfWeek(wallMs, window.timeZone))) ?? null
}

/** Clocks are set by less than this, minutes: so far from where it should be an end is looked for. */
const CLOCKS_JUMP = 180
/** Longer than any window, and than several that follow one another unless they cover the whole week, ms. */
const LONGEST_FREEZE_MS = 8 * MINUTES_A_DAY * 60_000

/**
 * When something may be raised, at a moment or as soon as possible after it: the end of the window that it lies in, and
 * of whatever begins there.
 *
 * @param wallMs ms since 1970
 * @returns ms since 1970, on the minute unless it is the moment itself; null where the windows never end
 */
export function thawsAt(windows: readonly FreezeWindow[], wallMs: number): number | null {
  let atMs = wallMs
  for (let frozen = frozenBy(windows, atMs); frozen !== null; frozen = frozenBy(windows, atMs)) {
    atMs = endOf(frozen, atMs)
    if (atMs - wallMs > LONGEST_FREEZE_MS) return null
  }
  return atMs
}

/** By the clocks of the window, which may be set in the middle of it. */
function endOf(window: FreezeWindow, wallMs: number): number {
  const week = 7 * MINUTES_A_DAY
  const left = (window.toMinute - minuteOfWeek(wallMs, window.timeZone) + week) % week
  let atMs = Math.floor(wallMs / 60_000) * 60_000 + Math.max(1, left - CLOCKS_JUMP) * 60_000
  while (isWithin(window, minuteOfWeek(atMs, window.timeZone))) atMs += 60_000
  return atMs
}

/** The beginning belongs to the window, its end does not. */
function isWithin({ fromMinute, toMinute }: FreezeWindow, minute: number): boolean {
  return fromMinute < toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute
}

/** By the clocks of a zone, so that a window keeps its hours when they are set forward. */
function minuteOfWeek(wallMs: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const parts = new Map(format.formatToParts(wallMs).map(({ type, value }) => [type, value]))
  const day = WEEKDAYS.findIndex((name) => name === parts.get('weekday'))
  return day * MINUTES_A_DAY + Number(parts.get('hour')) * 60 + Number(parts.get('minute'))
}
