import assert from 'node:assert/strict'
import { AuditedJournal } from '../../../src/lib/adapters/audited-journal.js'
import { fold } from '../../../src/lib/core/fold.js'
import type { NewEntry } from '../../../src/lib/core/audit-entry.js'
import type { RolloutEvent } from '../../../src/lib/core/event.js'
import { planConfigure, planWatch } from '../../../src/lib/core/plan.js'
import type { RolloutPlan, RolloutState } from '../../../src/lib/core/rollout.js'
import { resumeRollout, startRollout } from '../../../src/lib/engine/run-rollout.js'
import { callError, endOf } from '../../support/fakes.js'
import { basis, emergency, gradual, Scene } from '../../support/rollouts.js'

const AUTHOR = { operator: 'ada@build-7', pid: 4711 }
const PINS = { rolloutUsers: ['ann', 'ben'], forceLegacyUsers: ['mallory'] }
const PINNED = { explicitRolloutUsers: 2, forcedLegacyUsers: 1 }

/** A record that keeps what it is given. */
class MemoryAudit {
  readonly entries: NewEntry[] = []
  broken = false

  async check(): Promise<void> {
    if (this.broken) throw new Error('the audit record cannot be written')
  }

  async append(entry: NewEntry): Promise<void> {
    await this.check()
    this.entries.push(structuredClone(entry))
  }
}

/** A run whose changes are put on a record. */
class AuditedScene extends Scene {
  readonly audit = new MemoryAudit()

  /** @param left the run as it was left; null when it is about to start */
  auditedPorts(left: RolloutState | null = null) {
    return { ...this.ports, journal: new AuditedJournal(this.journal, this.audit, AUTHOR, null, left) }
  }

  override run(plan: RolloutPlan): Promise<RolloutState> {
    return startRollout(plan, AUTHOR.operator, this.auditedPorts())
  }

  /** Each change as one short line: what, from where, to where. */
  get lines(): readonly string[] {
    return this.audit.entries.map((entry) => {
      assert.equal(entry.target, 'server')
      const { change, before, after } = entry
      const [from, to] = [before, after].map((at) => (at === null ? '?' : `${at.mode} ${at.percentage}`))
      return `${change}: ${from} → ${to}`
    })
  }
}

describe('the audit record of a run', () => {
  it('tells who raised the percentage, why, and from where to where, with the lists', async () => {
    const scene = new AuditedScene(undefined, PINNED)
    const plan = gradual({ maxPercentage: 20 }, { pins: PINS })
    assert.equal(endOf(await scene.run(plan)).outcome, 'completed')
    assert.deepEqual(scene.lines, ['configure: disabled 0 → gradual 5', 'configure: gradual 5 → gradual 20'])
    const written = scene.journal.events.filter((event) => event.type === 'write-answered')
    assert.deepEqual(scene.audit.entries[1], {
      ...AUTHOR,
      time: written[1]?.time,
      command: 'deploy gradual',
      rolloutId: 'test-run',
      server: plan.server,
      reason: 'step 2 of 2',
      failure: null,
      target: 'server',
      change: 'configure',
      before: { mode: 'gradual', percentage: 5, legacyFallback: true, ...PINS, ...PINNED },
      after: { mode: 'gradual', percentage: 20, legacyFallback: true, ...PINS, ...PINNED },
    })
  })

  it('tells of each call of a rollback, with the numbers that broke', async () => {
    const scene = new AuditedScene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.5 : 0) })
    assert.equal(endOf(await scene.run(gradual())).outcome, 'rolled-back')
    assert.deepEqual(scene.lines, [
      'configure: disabled 0 → gradual 5',
      'configure: gradual 5 → gradual 20',
      'emergency-rollback: gradual 20 → disabled 20',
      'clear-cache: disabled 20 → disabled 20',
      'reset-percentage: disabled 20 → disabled 0',
    ])
    assert.match(scene.audit.entries[2]?.reason ?? '', /error rate 10 % \(6 of 60 attempts\), limit 5 %/)
  })

  it('tells what the server said against a call, also when it worked all the same', async () => {
    const scene = new AuditedScene(undefined, { mode: 'gradual', percentage: 20 })
    scene.server.faultAfter = (call) => {
      if (call === 'emergencyRollback') throw callError('server-error', 500)
    }
    const plan = { ...emergency('incident 7'), before: basis().before, pins: basis().pins }
    assert.equal(endOf(await scene.run(plan)).outcome, 'completed')
    const [first] = scene.audit.entries
    assert.deepEqual(
      [first?.change, first?.reason, first?.failure],
      ['emergency-rollback', 'incident 7', 'the server answered 500'],
    )
  })

  it('tells of the second way back when the first fails', async () => {
    const scene = new AuditedScene({ attemptsPerSecond: 20, failing: () => 0.9 })
    scene.server.fault = (call) => {
      if (call === 'emergencyRollback') throw callError('server-error', 500)
    }
    assert.equal(endOf(await scene.run(gradual())).outcome, 'rolled-back')
    assert.deepEqual(scene.lines.slice(1, 3), [
      'emergency-rollback: gradual 5 → disabled 5',
      'configure: gradual 5 → disabled 0',
    ])
  })

  it('does not guess what it was before when that was never read', async () => {
    const scene = new AuditedScene()
    await scene.run(emergency())
    const [first] = scene.audit.entries
    assert.ok(first?.target === 'server')
    assert.deepEqual([first.before, first.after], [null, null])
  })

  it('tells lists that are replaced by others of the same length', async () => {
    const scene = new AuditedScene(undefined, { ...PINNED, explicitRolloutUsers: 1 })
    const pins = { rolloutUsers: ['ann'], forceLegacyUsers: ['mallory'] }
    const target = { mode: 'disabled', percentage: 0, legacyFallback: true, ...pins, rolloutUsers: ['zoe'] } as const
    await scene.run(planConfigure(basis({ pins }), target))
    const [entry] = scene.audit.entries
    assert.ok(entry?.target === 'server')
    assert.deepEqual([entry.before?.rolloutUsers, entry.after?.rolloutUsers], [['ann'], ['zoe']])
  })

  it('holds nothing that was not sent', async () => {
    const watching = new AuditedScene()
    await watching.run(planWatch(basis(), { durationMs: 60_000, onBreach: 'rollback' }))
    assert.deepEqual(watching.audit.entries, [])

    const unknown = new AuditedScene(undefined, { mode: 'gradual', percentage: 20, ...PINNED })
    unknown.server.cacheOffered = false
    await unknown.run(emergency())
    assert.deepEqual(unknown.lines, ['emergency-rollback: ? → ?'])
  })

  it('goes on when a run is taken up again', async () => {
    const scene = new AuditedScene()
    const ports = scene.auditedPorts()
    await new Promise<void>((resolve) => {
      const append = async (event: RolloutEvent): Promise<void> => {
        await ports.journal.append(event)
        if (event.type !== 'step-applied') return
        resolve()
        // Nothing of the dead process goes on.
        await new Promise(() => undefined)
      }
      const journal = { append, close: () => Promise.resolve() }
      void startRollout(gradual({ maxPercentage: 20 }), AUTHOR.operator, { ...ports, journal })
    })
    const left = fold(scene.journal.events)
    assert.ok(left)
    const state = await resumeRollout(left, { operator: AUTHOR.operator, policy: 'continue' }, scene.auditedPorts(left))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.lines, [
      'configure: disabled 0 → gradual 5',
      'configure: gradual 5 → gradual 5',
      'configure: gradual 5 → gradual 20',
    ])
  })
})

describe('an audit record that cannot be written', () => {
  it('lets no run begin, and leaves no journal of one', async () => {
    const scene = new AuditedScene()
    scene.audit.broken = true
    await assert.rejects(scene.run(gradual()), /audit record/)
    assert.deepEqual([scene.server.writes, scene.journal.events], [[], []])
  })

  it('does not stop an emergency, nor keep it from the journal', async () => {
    const scene = new AuditedScene(undefined, { mode: 'gradual', percentage: 50 })
    scene.audit.broken = true
    const state = await scene.run(emergency())
    assert.equal(endOf(state).outcome, 'completed')
    assert.match(state.warnings.join(), /audit record/)
    assert.deepEqual(scene.types.slice(0, 3), ['started', 'journal-failed', 'rollback-started'])
  })

  it('forbids raising any further', async () => {
    const scene = new AuditedScene()
    scene.clock.at(60_000, () => (scene.audit.broken = true))
    const state = await scene.run(gradual())
    assert.deepEqual([endOf(state).outcome, endOf(state).code], ['held', 'journal-failed'])
    assert.ok(Math.max(...scene.server.raised) <= 20, 'the write that could not be recorded was the last')
  })

  it('does not keep users on a system that fails', async () => {
    const scene = new AuditedScene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.5 : 0) })
    scene.clock.at(60_000, () => (scene.audit.broken = true))
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.equal(scene.server.settings.mode, 'disabled')
    assert.ok(scene.types.includes('rollback-verified'), 'the journal goes on')
  })

  it('leaves the journal to tell the same run as the loop went through', async () => {
    const scene = new AuditedScene()
    scene.clock.at(60_000, () => (scene.audit.broken = true))
    const state = await scene.run(gradual())
    assert.deepEqual(fold(scene.journal.events), state)
  })
})
