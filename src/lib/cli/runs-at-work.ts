import { isClaimOn } from '../adapters/claim-files.js'
import { noBeginning } from '../adapters/run-records.js'
import type { Claim } from '../core/claim.js'
import type { RunAtWork, UnreadableRun } from '../contract/rollout.js'
import { toTakenOver, type TakenOver } from '../contract/takeover.js'
import { WsctlError } from '../core/error.js'
import type { RolloutState } from '../core/rollout.js'
import { formatInstant } from '../render/format.js'
import type { FoundClaim, LockStore, RunStore } from '../ports/state-store.js'
import { unrecordedText } from '../render/rollouts.js'
import type { Environment } from './environment.js'
import { namedServer, resolveSettings, type Settings, type SettingsFlags } from './settings.js'
import { openState } from './state-store.js'

/** Flags of the commands that tell of runs, or tell them something. */
export type RunFlags = Pick<SettingsFlags, 'server' | 'servers-from' | 'state-dir' | 'state'>

/** A run that was found, and the settings by which. */
export type FoundRun = RunAtWork & { readonly settings: Settings }

/** All runs that have not come to their end, oldest first; only those on the named server when one is. */
export async function runsAtWork(
  flags: RunFlags,
  environment: Environment,
): Promise<readonly (RunAtWork | UnreadableRun)[]> {
  const { runs, locks } = await openState(resolveSettings(flags, environment))
  const found: (RunAtWork | UnreadableRun)[] = []
  for (const claimed of await claimsOn(locks, namedServer(flags, { ...environment, variables: {} }))) {
    const run = await readRun(runs, claimed)
    if (run !== null && !('state' in run && run.state.phase.name === 'finished')) found.push(run)
  }
  return found
}

/** Null for one that is only about to record its beginning. */
async function readRun(runs: RunStore, { claim, isAlive }: FoundClaim): Promise<RunAtWork | UnreadableRun | null> {
  try {
    const state = await runs.state(claim.rolloutId)
    if (state !== null) return { state, operator: claim.operator, isAlive, takenOver: takenOver(claim, isAlive, state) }
    return isAlive ? null : { claim, reason: unrecordedText(runs.placeOf(claim.rolloutId)) }
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error
    return { claim, reason: error.message }
  }
}

function takenOver(claim: Claim, isAlive: boolean, { phase }: RolloutState): TakenOver | null {
  return isAlive ? toTakenOver(claim, phase.name === 'rolling-back') : null
}

/**
 * The run that is meant, and whether a process works on it: the one with this id, else the only one
 * that is under way.
 *
 * @throws WsctlError `no-such-run`, `ambiguous-run` (exit 2), `nothing-running` or `several-running` (exit 13)
 */
export async function findRun(flags: RunFlags, environment: Environment, id: string | undefined): Promise<FoundRun> {
  const settings = resolveSettings(flags, environment)
  const { runs, locks } = await openState(settings)
  const claims = await claimsOn(locks, id === undefined ? namedServer(flags, environment) : null)
  const runId = id === undefined ? onlyOne(claims.filter(({ isAlive }) => isAlive)) : await runs.find(id)
  const state = await runs.state(runId)
  if (state === null) throw noBeginning(runId, unrecordedText(runs.placeOf(runId)))
  const found = claims.find(({ claim }) => claim.rolloutId === runId)
  if (found === undefined) return { state, settings, isAlive: false, operator: '', takenOver: null }
  const { claim, isAlive } = found
  return { state, settings, isAlive, operator: claim.operator, takenOver: takenOver(claim, isAlive, state) }
}

/**
 * As `findRun`, for one that has to be told something.
 *
 * @throws WsctlError also `not-running` (exit 13) when no process works on it
 */
export async function findRunAtWork(
  flags: RunFlags,
  environment: Environment,
  id: string | undefined,
): Promise<FoundRun> {
  const run = await findRun(flags, environment, id)
  const { plan, phase } = run.state
  if (phase.name === 'finished') {
    throw new WsctlError('not-running', `run ${plan.id} (${plan.command}) has come to its end. Nothing was changed`, {
      outcome: 'refused',
      suggestions: [`to see how it ended: wsctl history ${plan.id}`],
    })
  }
  if (!run.isAlive) throw notRunning(plan.id)
  return run
}

function notRunning(id: string): WsctlError {
  return new WsctlError('not-running', `no process works on run ${id}: it was left. Nothing was changed`, {
    outcome: 'refused',
    suggestions: [
      `to take it up again: wsctl rollout resume ${id}`,
      'to take everybody back: wsctl rollback emergency',
    ],
  })
}

async function claimsOn(locks: LockStore, server: string | null): Promise<readonly FoundClaim[]> {
  const claims = await locks.claims()
  return server === null ? claims : claims.filter(({ claim }) => isClaimOn(claim, server))
}

function onlyOne(claims: readonly FoundClaim[]): string {
  const [one] = claims
  if (one !== undefined && claims.length === 1) return one.claim.rolloutId
  if (one === undefined) {
    throw new WsctlError('nothing-running', 'no run is under way. Nothing was changed', {
      outcome: 'refused',
      suggestions: [
        'to see all that have not come to their end: wsctl rollout list',
        'to see past runs: wsctl history',
      ],
    })
  }
  throw new WsctlError('several-running', `${claims.length} runs are under way: name the one that is meant`, {
    outcome: 'refused',
    suggestions: claims.map(
      ({ claim }) => `${claim.rolloutId}   ${claim.command} on ${claim.server}, since ${formatInstant(claim.since)}`,
    ),
  })
}
