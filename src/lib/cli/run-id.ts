import { randomBytes } from 'node:crypto'

const STAMP = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-(\d{3})/

/**
 * A name for a run: by time, to the millisecond, and short enough to be typed, such as
 * `20261124-093012-482a7`. It sorts behind the newest one whatever the wall clock says, because the lists
 * of users are looked up in the newest record.
 */
export function newRunId(now: Date, newest: string | undefined): string {
  const lastMs = newest === undefined ? NaN : timeOf(newest)
  const time = lastMs >= now.getTime() ? new Date(lastMs + 1) : now
  const [date = '', clock = '', millis = ''] = time.toISOString().split(/[T.]/)
  const chance = randomBytes(1).toString('hex')
  return `${date.replaceAll('-', '')}-${clock.replaceAll(':', '')}-${millis.slice(0, 3)}${chance}`
}

/** The time in an id, ms since 1970; NaN when it holds none. */
function timeOf(id: string): number {
  const [, year, month, day, hours, minutes, seconds, millis] = STAMP.exec(id) ?? []
  return Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${millis}Z`)
}
