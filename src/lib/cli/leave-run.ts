import type { Watchdog } from '../adapters/watchdog.js'
import { exitCodeOf } from '../core/outcome.js'
import type { RolloutPlan, RolloutState } from '../core/rollout.js'
import { adviceOnLeaving } from './advice.js'
import type { Equipment } from './operation.js'
import { tell } from './tell.js'

/**
 * Who insists gets out at once, told where things stand and how to go on. The companion leaves the run
 * alone as well, unless a rollback is under way: that is finished without the one who left.
 *
 * @param state the run as far as it has come; null before its first event
 */
export function leaveRun(
  { settings, runs }: Equipment,
  plan: RolloutPlan,
  state: RolloutState | null,
  watchdog: Watchdog | null,
): never {
  const isRollingBack = state?.phase.name === 'rolling-back' && !state.phase.rollback.verified
  if (!isRollingBack) watchdog?.dismiss()
  const name = `${plan.command} (${plan.id})`
  const lines = [
    !isRollingBack
      ? `Left ${name} without finishing: the server stays as it is.`
      : watchdog
        ? `Left ${name} in the middle of a rollback, which goes on in the background: ${runs.logOf(plan.id)}`
        : `Left ${name} in the middle of a rollback: users may still be on the unified system.`,
    ...adviceOnLeaving(settings, isRollingBack && watchdog ? null : plan.id).map((line) => `  ${line}`),
  ]
  tell(`\n${lines.join('\n')}`)
  process.exit(exitCodeOf(isRollingBack ? 'rollback-unverified' : 'held'))
}
