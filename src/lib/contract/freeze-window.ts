import * as z from 'zod'
import { MINUTES_A_DAY, WEEKDAYS, type FreezeWindow } from '../core/freeze.js'

const FORM = /^([a-z]{3,9})\s+(\d{1,2}):(\d{2})\s*[-–]\s*([a-z]{3,9})\s+(\d{1,2}):(\d{2})(?:\s+(\S+))?$/i
const EXPECTED = 'expected a part of the week such as "Fri 16:00-Mon 08:00 Europe/Berlin"'

/** A freeze window as it is typed; without a time zone it is by the clocks of this machine. */
export const freezeWindowSchema = z.string({ error: EXPECTED }).transform((text, context): FreezeWindow => {
  const refuse = (message: string): never => {
    context.addIssue({ code: 'custom', message, input: text })
    return z.NEVER
  }
  const [, fromDay = '', fromHour, fromMinutes, toDay = '', toHour, toMinutes, zone] = FORM.exec(text.trim()) ?? []
  const fromMinute = minuteOfWeek(fromDay, Number(fromHour), Number(fromMinutes))
  const toMinute = minuteOfWeek(toDay, Number(toHour), Number(toMinutes))
  if (fromMinute === null || toMinute === null) return refuse(EXPECTED)
  if (fromMinute === toMinute) return refuse('expected a window that ends at another time than it begins')
  const timeZone = zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  if (!isTimeZone(timeZone)) return refuse(`expected a time zone such as Europe/Berlin or UTC, not ${timeZone}`)
  const given = text.trim()
  return { text: zone === undefined ? `${given} ${timeZone}` : given, timeZone, fromMinute, toMinute }
})

function minuteOfWeek(day: string, hour: number, minute: number): number | null {
  const index = WEEKDAYS.findIndex((name) => isDay(day, name))
  if (index < 0 || hour > 24 || minute > 59 || (hour === 24 && minute > 0)) return null
  return (index * MINUTES_A_DAY + hour * 60 + minute) % (7 * MINUTES_A_DAY)
}

const LONG_NAMES = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']

function isDay(text: string, name: string): boolean {
  const typed = text.toLowerCase()
  return (
    typed === name.toLowerCase() || LONG_NAMES.some((long) => long === typed && long.startsWith(name.toLowerCase()))
  )
}

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}
