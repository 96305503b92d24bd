import { systemClock } from '../adapters/system-clock.js'
import { toScheduleDocument, type ScheduleDocument } from '../contract/schedule.js'
import { refuseOverlap } from '../contract/user-list.js'
import type { BaseCommand } from './base-command.js'
import { readGradual, type GradualFlags, type ParsedFlags } from './gradual-options.js'
import type { PinFlags } from './pin-sources.js'
import { withSafeguards, type SafeguardFlags } from './safeguards.js'
import type { StepRecord } from '../core/rollout.js'
import { lastRun } from './last-run.js'
import { resolveAnalysis, resolveSettings, resolveThresholds, type Settings } from './settings.js'
import { openState } from './state-store.js'
import { readUserList, readUsersFile } from './user-lists.js'

interface ScheduleFlags extends GradualFlags, PinFlags, SafeguardFlags, Readonly<Record<string, unknown>> {
  readonly 'users-file'?: string | undefined
}

/**
 * Prints what a gradual rollout would do, were it to begin now. Talks to no server.
 *
 * @throws WsctlError (usage)
 */
export async function printSchedule(command: BaseCommand, parsed: ParsedFlags<ScheduleFlags>): Promise<void> {
  const { flags, options } = await readGradual(parsed, command.environment)
  const rolloutUsers = await readUserList('--rollout-users', flags['rollout-users'] ?? [])
  const forceLegacyUsers = await readUserList('--force-legacy-users', flags['force-legacy-users'] ?? [])
  refuseOverlap(rolloutUsers, forceLegacyUsers)
  const file = flags['users-file']
  const settings = resolveSettings({}, command.environment)
  const thresholds = resolveThresholds(flags, settings)
  const document = toScheduleDocument({
    options: withSafeguards(options, flags, thresholds),
    thresholds,
    analysis: resolveAnalysis(flags, settings),
    traffic: await trafficOfLastRun(settings),
    pins: { rolloutUsers, forceLegacyUsers },
    users: file === undefined ? null : await readUsersFile('--users-file', file),
    begins: systemClock.wallTime(),
  })
  const { scheduleText } = await import('../render/schedule.js')
  command.print(document, ({ out }) => scheduleText(document, out))
}

/** What the last run against this server that observed attempts saw of them; null where there is no record of one. */
async function trafficOfLastRun(settings: Settings): Promise<ScheduleDocument['traffic']> {
  const { runs } = await openState(settings)
  const last = await lastRun(runs, settings.server, ({ steps }) => observed(steps).attempts > 0)
  if (last === null) return null
  const { attempts, ms } = observed(last.steps)
  return { attemptsPerSecond: (attempts / ms) * 1000, rolloutId: last.plan.id }
}

/** Over the steps in which something was seen. */
function observed(steps: readonly StepRecord[]): { readonly attempts: number; readonly ms: number } {
  const seen = steps.filter(({ tally }) => tally.attempts > 0)
  return {
    attempts: seen.reduce((sum, { tally }) => sum + tally.attempts, 0),
    ms: seen.reduce((sum, { startedAt, endedAt }) => sum + Math.max(1, elapsedMs(startedAt, endedAt ?? startedAt)), 0),
  }
}

function elapsedMs(from: string, to: string): number {
  return Date.parse(to) - Date.parse(from)
}
