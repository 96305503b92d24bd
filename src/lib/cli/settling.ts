import { isSameServer } from '../adapters/claim-files.js'
import type { Claim } from '../core/claim.js'
import type { RunStore, StateStore } from '../ports/state-store.js'
import { describeGlance, glanceAt, leftRuns } from './left-runs.js'

/** What a command that comes to a good end settles, a line each, to be told before. */
export async function describeSettling(
  { locks, runs }: Pick<StateStore, 'locks' | 'runs'>,
  server: string,
): Promise<readonly string[]> {
  return (await leftRuns(locks, runs))
    .filter(({ claim }) => isSameServer(claim.server, server))
    .map(
      ({ claim: { command, rolloutId }, glance }) =>
        `this would settle ${command} (${rolloutId}), which was left without a process: ${describeGlance(glance)}. ` +
        `To go on with it instead: wsctl rollout resume ${rolloutId}`,
    )
}

/** What a command has settled, a line each; what had come to its end is of no account any more. */
export async function describeSettled(runs: RunStore, claims: readonly Claim[]): Promise<readonly string[]> {
  const lines: string[] = []
  for (const claim of claims) {
    const { command, rolloutId } = claim
    const glance = await glanceAt(runs, claim)
    if (glance === null || glance.end) continue
    lines.push(
      `${command} (${rolloutId}), which was left without a process, is settled by this and told of no more. ` +
        `Its records stay: wsctl history ${rolloutId}`,
    )
  }
  return lines
}
