import assert from 'node:assert/strict'
import { CHECKLIST, CHECKLIST_PHASES, type ChecklistItemId } from '../../../src/lib/core/checklist.js'
import { attemptRecords, tookEverybodyBack, type AllRecords, type Signature } from '../../../src/lib/core/attempt.js'
import { judgeChecklist } from '../../../src/lib/core/checklist-evidence.js'
import { planFull, planLowering, planTesting, planWatch } from '../../../src/lib/core/plan.js'
import type { RolloutPlan, RolloutState } from '../../../src/lib/core/rollout.js'
import type { Settings } from '../../../src/lib/core/server.js'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import type { Traffic } from '../../support/fakes.js'
import { basis, emergency, from, gradual, MINUTE, Scene } from '../../support/rollouts.js'

const SERVER = 'http://127.0.0.1:8000'
const HALF_AN_HOUR = 30 * MINUTE
const NOTHING: AllRecords = { runs: [], backups: [], signatures: [] }
const FULL = { mode: 'full', percentage: 100 } as const

let runs = 0

/** A run with an id of its own, an hour after the one before it. */
async function run(plan: RolloutPlan, settings: Partial<Settings> = {}, traffic?: Traffic): Promise<RolloutState> {
  runs += 1
  const scene = new Scene(traffic, settings)
  scene.clock.jumpWall(runs * 60 * MINUTE)
  return scene.run({ ...plan, id: `run-${runs}` })
}

function proven(records: Partial<AllRecords>, of: RolloutState | null = null): readonly ChecklistItemId[] {
  const judged = judgeChecklist(attemptRecords({ ...NOTHING, ...records }, SERVER, of))
  return judged.filter(({ status }) => status === 'proven').map(({ item }) => item.id)
}

function signature(item: string, change: Partial<Signature> = {}): Signature {
  return { server: SERVER, item, by: 'ada@desk', at: '2026-11-24T08:00:00.000Z', note: 'seen', ...change }
}

describe('the checklist', () => {
  const failing: Traffic = { attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.5 : 0) }
  const slow = (max: number): RolloutPlan => gradual({ maxPercentage: max, stepDurationMs: HALF_AN_HOUR })

  it('has items in five phases, each with a name of its own', () => {
    assert.equal(new Set(CHECKLIST.map(({ id }) => id)).size, CHECKLIST.length)
    for (const { id } of CHECKLIST) assert.match(id, /^[a-z]+(-[a-z]+)*$/)
    assert.deepEqual([...new Set(CHECKLIST.map(({ phase }) => phase))], [...CHECKLIST_PHASES])
  })

  it('proves nothing from nothing', () => {
    assert.deepEqual(proven({}), [])
  })

  it('proves small, long and judged steps by a run that made them, and says with which numbers', async () => {
    const passed = await run(slow(35))
    assert.deepEqual(proven({ runs: [passed] }), [
      'monitoring-ready',
      'started-small',
      'steps-long-enough',
      'rates-judged',
      'raised-in-steps',
    ])
    const [, evidence] = judgeChecklist(attemptRecords({ ...NOTHING, runs: [passed] }, SERVER)).filter(
      (item) => item.evidence,
    )
    assert.equal(evidence?.evidence?.text, '5 % came first, and passed')
    assert.equal(evidence.evidence.rolloutId, passed.plan.id)
  })

  it('does not take short, unjudged or failed steps for proof', async () => {
    const short = proven({ runs: [await run(gradual())] })
    assert.ok(!short.includes('steps-long-enough'))
    const unjudged = proven({ runs: [await run(gradual({ monitoring: false, stepDurationMs: HALF_AN_HOUR }))] })
    assert.deepEqual(unjudged, [])
    const large = proven({ runs: [await run(gradual({ initialPercentage: 20, maxPercentage: 35 }))] })
    assert.ok(!large.includes('started-small'))
    const silent = proven({ runs: [await run(slow(20), {}, { attemptsPerSecond: 0 })] })
    assert.deepEqual(silent, [])
  })

  it('proves everybody, the fallback and a calm 100 % by what the server said', async () => {
    const everybody = await run(planFull(basis(), { durationMs: HALF_AN_HOUR, onInconclusive: 'hold' }))
    const ids = proven({ runs: [everybody] })
    for (const id of ['everybody-moved', 'stable-at-full', 'fallback-on'] as const) assert.ok(ids.includes(id), id)
    const lowered = await run(
      planLowering(basis(from('full', 100)), { step: 50, to: 50, stepDurationMs: MINUTE, once: false }),
      FULL,
    )
    assert.ok(!proven({ runs: [everybody, lowered] }).includes('everybody-moved'), 'it is so no more')
  })

  it('adds watches at full up to a day', async () => {
    const thresholds = { ...DEFAULT_THRESHOLDS, pollIntervalMs: 5 * MINUTE, windowMs: 10 * MINUTE }
    const seldom = basis({ ...from('full', 100), thresholds })
    const watch = planWatch(seldom, { durationMs: 12 * 60 * MINUTE, onBreach: 'exit' })
    const quiet: Traffic = { attemptsPerSecond: 0.1 }
    const first = await run(watch, FULL, quiet)
    assert.ok(!proven({ runs: [first] }).includes('watched-for-days'))
    assert.ok(proven({ runs: [first, await run(watch, FULL, quiet)] }).includes('watched-for-days'))
  })

  it('proves test users by the list that the server holds', async () => {
    const testing = await run(planTesting(basis(), ['ann', 'ben']))
    assert.deepEqual(proven({ runs: [testing] }), ['test-users-moved'])
  })

  it('proves the fallback only where it caught every error', async () => {
    const caught = await run(gradual(), {}, failing)
    assert.ok(proven({ runs: [caught] }, caught).includes('fallback-works'))
    const lost = await run(gradual(), {}, { ...failing, fallback: false })
    assert.ok(!proven({ runs: [lost] }, lost).includes('fallback-works'))
  })

  it('begins anew when everybody was taken back, and counts that as practice', async () => {
    const back = await run(slow(35), {}, failing)
    assert.ok(tookEverybodyBack(back))
    const old = { runs: [back], signatures: [signature('team-told', { at: back.startedAt })] }
    const judged = judgeChecklist(attemptRecords({ ...NOTHING, ...old }, SERVER))
    assert.ok(judged.every(({ signature: signed }) => signed === null))
    assert.deepEqual(proven(old), ['rollback-practised'])
    assert.equal(attemptRecords({ ...NOTHING, ...old }, SERVER).since, back.endedAt)
    const own = proven(old, back)
    assert.ok(own.includes('started-small'), 'in its own report the run still counts')
    assert.ok(!own.includes('rollback-practised'), 'and is no practice for itself')
  })

  it('takes a rollback of a server that was on legacy for no return', async () => {
    const idle = await run({ ...emergency(), before: basis().before })
    assert.equal(tookEverybodyBack(idle), false)
  })

  it('counts signatures of this server alone, the newest first, and copies made before the end of the run', async () => {
    const passed = await run(slow(20))
    const late = new Date(Date.parse(passed.endedAt ?? '') + MINUTE).toISOString()
    const records: AllRecords = {
      runs: [passed],
      backups: [
        { path: '/srv/.env.old', at: passed.startedAt },
        { path: '/srv/.env.late', at: late },
      ],
      signatures: [
        signature('team-told'),
        signature('team-told', { note: 'and again' }),
        signature('users-asked', { server: 'http://elsewhere' }),
        signature('no-such-item'),
      ],
    }
    const judged = judgeChecklist(attemptRecords(records, SERVER, passed))
    const find = (id: ChecklistItemId) => judged.find(({ item }) => item.id === id)
    assert.equal(find('team-told')?.signature?.note, 'and again')
    assert.equal(find('team-told')?.status, 'signed')
    assert.equal(find('users-asked')?.status, 'open')
    assert.match(find('configuration-copied')?.evidence?.text ?? '', /^\/srv\/\.env\.old, 2026-11-\d\d$/)
  })
})
