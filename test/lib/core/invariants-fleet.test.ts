import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isFleet } from '../../../src/lib/core/fleet.js'
import { effectivePercentage } from '../../../src/lib/core/server.js'
import { endOf } from '../../support/fakes.js'
import { fleetScenarios, playFleet, saidBy, type PlayedFleet } from '../../support/fleet-scenario.js'
import { RUNS } from '../../support/random-scenarios.js'
import { fold } from '../../support/world.js'

async function always(holds: (played: PlayedFleet) => void): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fleetScenarios, async (scenario) => holds(await playFleet(scenario))),
    { numRuns: Math.ceil(RUNS / 4) },
  )
}

/**
 * A write sets what is not set, and nothing is raised past a server that is known to be elsewhere. One that restarted may be
 * anywhere: it has what its environment file says, and whoever changed it right after looks the same.
 */
function raisesNobodyPastAnother({ writes, plan, scenario }: PlayedFleet): void {
  const restarted = new Set(scenario.incidents.filter(({ kind }) => kind === 'restart').map(({ server }) => server))
  const percentages = plan.steps.map((step) => step.percentage)
  for (const { configuration, servers, known } of writes) {
    if (configuration.mode === 'disabled' || known === null) continue
    for (const { server, settings } of saidBy(known)) {
      const at = effectivePercentage(settings)
      const isStep = [0, ...percentages].includes(at) || restarted.has(server)
      assert.ok(isStep, `${server} was at ${at} %, which is of no step, and ${configuration.percentage} % was set`)
      if (servers.includes(server) || plan.fleet?.canaries.length !== 0) continue
      assert.equal(at, configuration.percentage, `${server} was passed over at ${at} %`)
    }
  }
}

/** Each server was read to be disabled often enough, and said nothing else since. */
function believesEachByItself({ scene, state }: PlayedFleet): void {
  if (endOf(state).outcome !== 'rolled-back') return
  const started = scene.journal.events.findLastIndex(({ type }) => type === 'rollback-started')
  const row = new Map<string, number>()
  for (const event of scene.journal.events.slice(started)) {
    if (event.type !== 'rollback-read' || !isFleet(event.status)) continue
    for (const { server, settings } of saidBy(event.status)) {
      row.set(server, settings.mode === 'disabled' ? (row.get(server) ?? 0) + 1 : 0)
    }
  }
  assert.ok(row.size > 0)
  for (const [server, count] of row) assert.ok(count >= 6, `${server} was seen ${count} times to be back`)
  const last = scene.journal.events.findLast((event) => event.type === 'rollback-verified')
  assert.ok(last?.type === 'rollback-verified' && isFleet(last.status))
  for (const { server } of last.status.members) assert.ok((row.get(server) ?? 0) >= 6, `${server} was never seen`)
}

/** Who was put back and answers shows what all showed before. */
function putsBackToOnePlace({ scene, state }: PlayedFleet): void {
  const { code, outcome } = endOf(state)
  const started = scene.journal.events.findLast((event) => event.type === 'revert-started')
  if (outcome !== 'held' || code !== 'partial-write' || started?.type !== 'revert-started') return
  const read = scene.journal.events.findLast((event) => event.type === 'revert-read')
  assert.ok(read?.type === 'revert-read' && isFleet(read.status))
  for (const { settings } of saidBy(read.status)) {
    assert.deepEqual(
      [settings.mode, settings.percentage],
      [started.configuration.mode, started.configuration.percentage],
    )
  }
}

describe('whatever happens to a fleet', function () {
  this.timeout(120_000)

  it('nothing is raised while a server is known to be at another value', () => always(raisesNobodyPastAnother))
  it('it is only rolled back once each server was verified by itself', () => always(believesEachByItself))
  it('what was put back shows one value', () => always(putsBackToOnePlace))
  it('the folded journal is the run, which comes to an end', () =>
    always(({ scene, state }) => {
      endOf(state)
      assert.deepEqual(fold(scene.journal.events), state)
    }))

  it('comes to every end that a rollout of one can have', async () => {
    const seen = new Set<string>()
    for (const scenario of fc.sample(fleetScenarios, { numRuns: 300, seed: 1 })) {
      const { outcome, code } = endOf((await playFleet(scenario)).state)
      seen.add(outcome).add(code)
    }
    for (const end of [
      'completed',
      'held',
      'refused',
      'rolled-back',
      'rollback-unverified',
      'partial-write',
      'foreign-change',
    ]) {
      assert.ok(seen.has(end), `never ${end}: ${[...seen].join(', ')}`)
    }
  })
})
