import { percentagesFrom, stepFlags } from '../core/gradual-steps.js'
import { ONE_PROCESS_AT_A_TIME } from '../core/processes.js'
import type { RolloutState } from '../core/rollout.js'
import { effectivePercentage } from '../core/server.js'
import { addressFlags, isOfContext, quote } from './address.js'
import { planFlags } from './plan-flags.js'
import type { Settings } from './settings.js'

/** Writes a command out in whole, so that it can be copied: for the same server, with the same token. */
interface Commands {
  /** One that only looks. */
  look(command: string): string
  /** One that changes the server, and so has to keep its environment file in step. */
  change(command: string): string
}

function commandsFor(settings: Settings): Commands {
  const flags = addressFlags(settings)
  const { environmentFile } = settings
  const isNamed = environmentFile === null || isOfContext(settings, 'env-file')
  const file = isNamed ? '' : ` --env-file ${quote(environmentFile)}`
  return {
    look: (command) => `wsctl ${command}${flags}`,
    change: (command) => `wsctl ${command}${flags}${file}`,
  }
}

/** What to type after a run, most useful first. */
export function adviceFor(state: RolloutState, settings: Settings): readonly string[] {
  const { phase, plan, status } = state
  if (phase.name !== 'finished') return []
  const wsctl = commandsFor(settings)
  const present = status ? effectivePercentage(status.settings) : null
  const back = `to take everybody back: ${wsctl.change('rollback emergency')}`
  const look = `to see where the server stands: ${wsctl.look('status')}`
  switch (phase.outcome) {
    case 'completed':
      return adviceAfterSuccess(state, wsctl, present)
    case 'held': {
      const further = goOn(state, present)
      return [...(further === null ? [] : [`to go on${leftOut(state, present)}: ${wsctl.change(further)}`]), look, back]
    }
    case 'rolled-back':
      return [look, `to see what happened: wsctl history ${plan.id}`]
    case 'rollback-unverified':
      return [`by hand, now: ${curlLine(settings)}`, look, `to try again: ${wsctl.change('rollback emergency')}`]
    case 'unreachable':
      return plan.intent === 'emergency' ? [`by hand, now: ${curlLine(settings)}`, look] : [look]
    case 'breached':
      return [back, look]
    case 'refused':
      return phase.code === 'several-processes' ? [...ONE_PROCESS_AT_A_TIME, look, back] : [look, back]
    case 'failed':
    case 'usage':
      return [look]
  }
}

/**
 * What to type when a run is left before its end.
 *
 * @param runId null when somebody else is seeing it through
 */
export function adviceOnLeaving(settings: Settings, runId: string | null): readonly string[] {
  const wsctl = commandsFor(settings)
  return [
    ...(runId === null ? [] : [`to go on with it: ${wsctl.look(`rollout resume ${runId}`)}`]),
    `where it stands:  ${wsctl.look('status')}`,
    `back to legacy:   ${wsctl.change('rollback emergency')}`,
  ]
}

function adviceAfterSuccess(
  { plan, status, baseline }: RolloutState,
  wsctl: Commands,
  present: number | null,
): readonly string[] {
  if (plan.intent === 'emergency' || plan.intent === 'lower')
    return [`to see where the server stands: ${wsctl.look('status')}`]
  if (plan.intent === 'watch' || status === null) return []
  switch (status.settings.mode) {
    case 'testing':
      return [`to see one of them: ${wsctl.look('user ID')}`, `then, for everybody: ${wsctl.change('deploy gradual')}`]
    case 'gradual':
      return [
        `to go on to everybody: ${wsctl.change(`deploy gradual --initial-percentage ${present ?? 0} --max-percentage 100 --step-size 10 --step-duration 60`)}`,
      ]
    case 'full':
      return [
        `to watch it for two days: ${wsctl.change(`monitor --duration 48h${baseline ? ` --baseline ${plan.id}` : ''}`)}`,
      ]
    case 'disabled':
      return []
  }
}

/** Where nobody knows at what percentage the server is, nothing that names one is advised. */
function goOn({ plan }: RolloutState, present: number | null): string | null {
  const percentages = plan.steps.filter(({ wave }) => wave === undefined).map((step) => step.percentage)
  switch (plan.command) {
    case 'deploy gradual':
      if (present === null) return null
      return `deploy gradual ${stepFlags(percentagesFrom(present, percentages))}${planFlags(plan)}`
    case 'rollback gradual':
      return `rollback gradual --to ${Math.min(...percentages)}${planFlags(plan)}`
    case 'deploy full':
      return `deploy full${planFlags(plan)}`
    default:
      return null
  }
}

/** What of a plan file no flag can say, and so the command to go on does not do; empty where nothing is missing. */
function leftOut({ plan }: RolloutState, present: number | null): string {
  const ahead = plan.steps.filter(({ percentage }) => percentage >= (present ?? 0))
  const missing = [
    ...(ahead.some(({ gate }) => gate) ? ['the gates'] : []),
    ...(ahead.some(({ thresholds }) => thresholds) ? ['the limits of single steps'] : []),
  ]
  // Only a plan file has those, and it may say whom to notify as well.
  return missing.length === 0
    ? ''
    : `, without ${missing.join(' and ')} of the plan file, and without its notifications`
}

/** The call by hand. The token itself is left where it comes from: this line is printed, copied and recorded. */
function curlLine({ server, fleet, adminPath, token, tokenFile, authoritiesFile }: Settings): string {
  const path = `${adminPath.replace(/\/+$/, '')}/emergency-rollback`
  const secret = tokenFile === null ? `$${token?.variable ?? 'ADMIN_TOKEN'}` : `$(cat ${quote(tokenFile)})`
  const trust = authoritiesFile === null ? '' : ` --cacert ${quote(authoritiesFile)}`
  const call = `curl -X POST${trust} -H "Authorization: Bearer ${secret}"`
  if (fleet !== undefined && fleet.servers.length > 0) {
    return `for server in ${fleet.servers.map(quote).join(' ')}; do ${call} "$server"${quote(path)}; done`
  }
  return `${call} '${`${server}${path}`.replaceAll("'", '%27')}'`
}
