import { sameSettings } from './processes.js'
import type { ServerStatus } from './server.js'

/**
 * Readings since the settings changed last: somebody else's command may write more than once while it
 * is read. Settings that are seen again after others were are no such change, and then all count.
 *
 * @param readings oldest first
 */
export function sinceLastChange(readings: readonly ServerStatus[]): readonly ServerStatus[] {
  const changes = readings.flatMap((reading, index) => {
    const earlier = readings[index - 1]
    return earlier === undefined || sameSettings(earlier.settings, reading.settings) ? [] : [index]
  })
  const cameBack = changes.some((change) => {
    const changed = readings[change]
    return changed && readings.slice(0, change).some((earlier) => sameSettings(earlier.settings, changed.settings))
  })
  return cameBack ? readings : readings.slice(changes.at(-1) ?? 0)
}
