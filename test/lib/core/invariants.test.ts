import assert from 'node:assert/strict'
import fc from 'fast-check'
import { OUTCOMES } from '../../../src/lib/core/outcome.js'
import { endOf } from '../../support/fakes.js'
import {
  excusesOnce,
  foldsToTheLiveState,
  heedsWhatKeepsIt,
  journalsFirst,
  keepsPins,
  neverOverwritesUpwards,
  passesOnDataAlone,
  raisesOnEvidenceAlone,
  rollsBackAfterBreach,
} from '../../support/invariants.js'
import { RUNS, scenarios } from '../../support/random-scenarios.js'
import { play } from '../../support/scenario.js'
import type { Ended } from '../../support/world.js'

/** Random plans on random servers, through outages, restarts, foreign changes, interrupts and full disks. */
async function always(holds: (ended: Ended) => void): Promise<void> {
  await fc.assert(
    fc.asyncProperty(scenarios(), async (scenario) => holds(await play(scenario))),
    { numRuns: RUNS },
  )
}

describe('whatever happens', () => {
  it('the percentage is raised only after the present step passed on evidence', () => always(raisesOnEvidenceAlone))
  it('no data, old data or invalid data is never a pass', () => always(passesOnDataAlone))
  it('nothing is raised after a breach, and the rollback is tried until verified or its time is up', () =>
    always(rollsBackAfterBreach))
  it('a server that asks for a pause gets it, once for each valid reading', () => always(excusesOnce))
  it("nobody's pin is lost", () => always(keepsPins))
  it('a foreign change is never overwritten upwards', () => always(neverOverwritesUpwards))
  it('what is done is on disk before, and nothing is raised once the disk failed', () => always(journalsFirst))
  it('nothing is raised while it is paused, frozen, or before a gate has opened', () => always(heedsWhatKeepsIt))
  it('the folded journal is the run', () => always(foldsToTheLiveState))
  it('a run comes to an end', () => always(({ state }) => assert.equal(state.phase.name, 'finished')))
})

describe('the random scenarios', () => {
  it('come to every end that a run can have', async () => {
    const seen = new Set<string>()
    for (const scenario of fc.sample(scenarios(), { numRuns: 600, seed: 1 })) {
      seen.add(endOf((await play(scenario)).state).outcome)
    }
    const ofRuns = OUTCOMES.map(({ outcome }) => outcome).filter(
      (outcome) => outcome !== 'failed' && outcome !== 'usage',
    )
    assert.deepEqual([...seen].sort(), [...ofRuns].sort())
  })
})
