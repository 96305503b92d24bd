import { attemptsOf } from './window.js'
import { wentDown, type Counters, type ServerStatus, type Settings } from './server.js'

/** What readings over fresh connections say after one of them did not fit what was known. */
export type Diagnosis = 'restarted' | 'foreign-change' | 'several-processes'

/** Readings that a diagnosis takes: two processes agree by chance in one of 32 such rows. */
export const READINGS_TO_DIAGNOSE = 6

/** A drop is only told from a second process by its size, which takes this many attempts. */
const ATTEMPTS_TO_COMPARE = 20

export function sameSettings(a: Settings, b: Settings): boolean {
  return (
    a.mode === b.mode &&
    a.percentage === b.percentage &&
    a.legacyFallback === b.legacyFallback &&
    a.explicitRolloutUsers === b.explicitRolloutUsers &&
    a.forcedLegacyUsers === b.forcedLegacyUsers
  )
}

/** Whether counters fell and then stood again where they had been: the other process answered. */
function cameBack(known: Counters, readings: readonly ServerStatus[]): boolean {
  const total = attemptsOf(known)
  return (
    total >= ATTEMPTS_TO_COMPARE &&
    readings.some((reading, index) => {
      const earlier = readings[index - 1]
      return (
        earlier !== undefined &&
        !wentDown(known, reading.counters) &&
        attemptsOf(reading.counters) - attemptsOf(earlier.counters) >= total / 2
      )
    })
  )
}

/**
 * Tells a restart from a change by somebody else and from several processes behind one address
 * (contract of the admin API, fact 5): settings or counters that come and go are never a restart.
 *
 * @param known counters of the last reading that was believed
 * @param readings at least two, oldest first, each over a connection of its own
 */
export function diagnose(known: Counters, readings: readonly ServerStatus[]): Diagnosis {
  const comesAndGoes = readings.some((reading, index) => {
    const earlier = readings[index - 1]
    return (
      earlier !== undefined &&
      (!sameSettings(earlier.settings, reading.settings) || wentDown(earlier.counters, reading.counters))
    )
  })
  const first = readings[0]
  const dropped = first !== undefined && wentDown(known, first.counters)
  if (comesAndGoes || (dropped && cameBack(known, readings))) return 'several-processes'
  return dropped ? 'restarted' : 'foreign-change'
}
