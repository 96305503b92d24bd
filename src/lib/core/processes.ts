import { attemptsOf } from './window.js'
import { wentDown, type Counters, type ServerStatus, type Settings } from './server.js'

/** What readings over fresh connections say after one of them did not fit what was known. */
export type Diagnosis = 'restarted' | 'foreign-change' | 'several-processes'

/** Readings that a diagnosis takes: two processes agree by chance in one of 32 such rows. */
export const READINGS_TO_DIAGNOSE = 6

/** Readings in a row that have to agree before anything is doubted: of two processes, one in 64 such rows hides one. */
export const READINGS_TO_AGREE = 7

/** What to do about several processes, most useful first. */
export const ONE_PROCESS_AT_A_TIME: readonly string[] = [
  'name each process by its own address, and they are moved as one: --server http://HOST:PORT --server http://HOST:PORT',
  'or let the server run as a single process while users are moved',
]

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

/** Whether a reading can be of the same process and settings as the one before it. */
function follows(earlier: ServerStatus, later: ServerStatus): boolean {
  return sameSettings(earlier.settings, later.settings) && !wentDown(earlier.counters, later.counters)
}

/** Index of the first reading that does not follow from the one before it; -1 when all do. */
function firstMisfit(readings: readonly ServerStatus[]): number {
  return readings.findIndex((reading, index) => {
    const earlier = readings[index - 1]
    return earlier !== undefined && !follows(earlier, reading)
  })
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
  const first = readings[0]
  const dropped = first !== undefined && wentDown(known, first.counters)
  if (firstMisfit(readings) !== -1 || (dropped && cameBack(known, readings))) return 'several-processes'
  return dropped ? 'restarted' : 'foreign-change'
}

/** What readings say that were begun without a doubt. */
export type Survey = 'too-few' | 'steady' | 'doubtful' | Diagnosis

/**
 * Looks at readings taken one after the other: `steady` when enough of them agree; once one of them does
 * not follow from the one before it, `doubtful` until there are enough for a diagnosis.
 *
 * @param readings oldest first, each over a connection of its own
 */
export function survey(readings: readonly ServerStatus[]): Survey {
  const misfit = firstMisfit(readings)
  if (misfit === -1) return readings.length >= READINGS_TO_AGREE ? 'steady' : 'too-few'
  const before = readings[misfit - 1]
  const since = readings.slice(misfit)
  return before !== undefined && since.length >= READINGS_TO_DIAGNOSE ? diagnose(before.counters, since) : 'doubtful'
}
