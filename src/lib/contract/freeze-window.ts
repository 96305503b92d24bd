import * as z from 'zod'
import type { FreezeWindow } from '../core/freeze.js'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const MOMENT = String.raw`(mon|tue|wed|thu|fri|sat|sun) ([01]?\d|2[0-3]):([0-5]\d)`
const WINDOW = new RegExp(String.raw`^${MOMENT}\s*-\s*${MOMENT}(?: (\S+))?$`, 'i')

/** A freeze window such as `Fri 16:00-Mon 08:00 Europe/Berlin`; without a time zone, that of this machine. */
export const freezeWindowSchema = z.string().transform((typed, context): FreezeWindow => {
  const text = typed.trim()
  const [whole, fromDay, fromHour, fromMinute, toDay, toHour, toMinute, zone] = WINDOW.exec(text) ?? []
  const timeZone = zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  if (whole === undefined || !isTimeZone(timeZone)) {
    const message = 'expected a window such as "Fri 16:00-Mon 08:00", with or without a time zone such as Europe/Berlin'
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  return {
    text,
    timeZone,
    fromMinute: minuteOfWeek(fromDay, fromHour, fromMinute),
    toMinute: minuteOfWeek(toDay, toHour, toMinute),
  }
})

function minuteOfWeek(day = '', hour = '', minute = ''): number {
  return (DAYS.indexOf(day.toLowerCase()) * 24 + Number(hour)) * 60 + Number(minute)
}

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== ''
  } catch {
    return false
  }
}
