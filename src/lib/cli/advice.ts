import type { RolloutState } from '../core/rollout.js'
import { effectivePercentage } from '../core/server.js'
import { SETTING_ROWS, type Settings } from './settings.js'

/** What to type after a run, most useful first. Commands are whole, so that they can be copied. */
export function adviceFor(state: RolloutState, settings: Settings): readonly string[] {
  const { phase, plan, status } = state
  if (phase.name !== 'finished') return []
  const wsctl = (rest: string): string => `wsctl ${rest}${serverFlags(settings)}`
  const present = status ? effectivePercentage(status.settings) : null
  const back = `to take everybody back: ${wsctl('rollback emergency')}`
  const look = `to see where the server stands: ${wsctl('status')}`
  switch (phase.outcome) {
    case 'completed':
      return adviceAfterSuccess(state, wsctl, present)
    case 'held':
      return [...(plan.intent === 'raise' ? [`to go on: ${wsctl(goOn(state, present))}`] : []), look, back]
    case 'rolled-back':
      return [look, `to see what happened: wsctl history ${plan.id}`]
    case 'rollback-unverified':
      return [`by hand, now: ${curlLine(settings)}`, look, `to try again: ${wsctl('rollback emergency')}`]
    case 'unreachable':
      return plan.intent === 'emergency' ? [`by hand, now: ${curlLine(settings)}`, look] : [look]
    case 'breached':
      return [back, look]
    case 'refused':
      return phase.code === 'several-processes'
        ? ['name each process by its own address, one after the other: --server http://HOST:PORT', look, back]
        : [look, back]
    case 'failed':
    case 'usage':
      return [look]
  }
}

function adviceAfterSuccess(
  { plan, status }: RolloutState,
  wsctl: (rest: string) => string,
  present: number | null,
): readonly string[] {
  if (plan.intent === 'emergency' || plan.intent === 'lower')
    return [`to see where the server stands: ${wsctl('status')}`]
  if (plan.intent === 'watch' || status === null) return []
  switch (status.settings.mode) {
    case 'testing':
      return [`to see one of them: ${wsctl('user ID')}`, `then, for everybody: ${wsctl('deploy gradual')}`]
    case 'gradual':
      return [
        `to go on to everybody: ${wsctl(`deploy gradual --initial-percentage ${present ?? 0} --max-percentage 100 --step-size 10 --step-duration 60`)}`,
      ]
    case 'full':
      return [`to watch it for two days: ${wsctl('monitor --duration 48h')}`]
    case 'disabled':
      return []
  }
}

function goOn({ plan }: RolloutState, present: number | null): string {
  const max = Math.max(...plan.steps.map((step) => step.percentage))
  return present === 100 || plan.command !== 'deploy gradual'
    ? plan.command
    : `deploy gradual --initial-percentage ${present ?? 0} --max-percentage ${max}`
}

const [SERVER, ADMIN_PATH] = SETTING_ROWS

/** Flags without which a suggested command would go to another server. */
function serverFlags({ server, adminPath, allowHttp, authoritiesFile }: Settings): string {
  return [
    server === SERVER.fallback ? '' : ` --server ${server}`,
    adminPath === ADMIN_PATH.fallback ? '' : ` --admin-path ${adminPath}`,
    allowHttp ? ' --allow-http' : '',
    authoritiesFile === null ? '' : ` --ca-file '${authoritiesFile}'`,
  ].join('')
}

/** The call by hand. The token stays in a variable: this line is printed, copied and recorded. */
function curlLine({ server, adminPath, authoritiesFile }: Settings): string {
  const trust = authoritiesFile === null ? '' : ` --cacert '${authoritiesFile}'`
  return `curl -X POST${trust} -H "Authorization: Bearer $ADMIN_TOKEN" '${server}${adminPath.replace(/\/+$/, '')}/emergency-rollback'`
}
