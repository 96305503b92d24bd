import type { EventOf } from '../core/event.js'
import { nameServers } from '../core/fleet.js'
import { describeSettings } from '../core/server.js'
import { countOf } from './format.js'
import type { Level } from './palette.js'

type Draft = readonly [Level, string]

/** Who restarted, came or went; null when a doubt about the fleet came to nothing. */
export function describeFleetChange({ restarted, joined, left, behind }: EventOf<'fleet-changed'>): Draft | null {
  const missed = behind.filter((server) => !restarted.includes(server) && !joined.includes(server))
  const parts = [
    ...(restarted.length === 0 ? [] : [`${nameServers(restarted)} restarted`]),
    ...(joined.length === 0 ? [] : [`${nameServers(joined)} joined`]),
    ...(left.length === 0 ? [] : [`${nameServers(left)} left`]),
    ...(missed.length === 0 ? [] : [`${nameServers(missed)} missed what was set`]),
    ...(behind.length === 0 ? [] : [`the step is set on ${countOf(behind.length, 'server')} once more`]),
  ]
  if (parts.length === 0) return null
  return [restarted.length + behind.length > 0 ? 'warning' : 'info', parts.join('; ')]
}

/** How a fleet goes back to the step before. */
export function describeRevert(event: EventOf<'revert-started' | 'revert-called' | 'revert-read'>): Draft | null {
  switch (event.type) {
    case 'revert-started':
      return ['bad', `${event.reason}; every server is put back to ${describeSettings(event.configuration)}`]
    case 'revert-called':
      return event.failure && ['warning', `putting back failed: ${event.failure.message}`]
    case 'revert-read':
      return event.failure && ['warning', `reading back failed: ${event.failure.message}`]
  }
}
