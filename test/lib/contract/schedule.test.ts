import assert from 'node:assert/strict'
import { freezeWindowSchema } from '../../../src/lib/contract/freeze-window.js'
import { scheduleDocumentSchema, toScheduleDocument, type ScheduleFacts } from '../../../src/lib/contract/schedule.js'
import { COUNTED } from '../../../src/lib/core/judging.js'
import type { GradualOptions } from '../../../src/lib/core/plan.js'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import { createPalette } from '../../../src/lib/render/palette.js'
import { scheduleText } from '../../../src/lib/render/schedule.js'
import { widthOf } from '../../../src/lib/render/text.js'
import { gradualOptions, MINUTE } from '../../support/rollouts.js'

const OPTIONS: GradualOptions = gradualOptions({
  safeguards: {
    name: 'winter rollout',
    baseline: { durationMs: 5 * MINUTE },
    freeze: [{ text: 'Fri 16:00-Mon 08:00 Europe/Berlin', timeZone: 'Europe/Berlin', fromMinute: 6720, toMinute: 480 }],
  },
  steps: [
    { percentage: 1, durationMs: 10 * MINUTE },
    { percentage: 10, durationMs: 60 * MINUTE, gate: { kind: 'approval', limitMs: 120 * MINUTE, onLimit: 'rollback' } },
    {
      percentage: 100,
      durationMs: 30 * MINUTE,
      thresholds: { ...DEFAULT_THRESHOLDS, maxErrorRate: 2, minAttempts: 50 },
    },
  ],
})

function facts(change: Partial<ScheduleFacts> = {}): ScheduleFacts {
  return {
    options: OPTIONS,
    thresholds: DEFAULT_THRESHOLDS,
    analysis: COUNTED,
    traffic: null,
    pins: { rolloutUsers: [], forceLegacyUsers: ['user3'] },
    users: Array.from({ length: 100_000 }, (_, index) => `user${index}`),
    begins: new Date('2026-11-25T14:00:00Z'),
    ...change,
  }
}

describe('the schedule of a gradual rollout', () => {
  it('tells when each step begins, after the baseline, and when it ends', () => {
    const document = scheduleDocumentSchema.parse(toScheduleDocument(facts()))
    assert.deepEqual(
      document.steps.map(({ mode, percentage, beginsAt }) => [mode, percentage, beginsAt.slice(11, 16)]),
      [
        ['gradual', 1, '14:05'],
        ['gradual', 10, '14:15'],
        ['gradual', 100, '15:15'],
        ['full', 100, '15:45'],
      ],
    )
    assert.deepEqual(
      [document.beginsAt, document.endsAt, document.longestEndsAt].map((time) => time.slice(11, 16)),
      ['14:00', '15:45', '17:25'],
    )
  })

  it('begins when the freeze window of now ends, and ends by as much later', () => {
    const document = toScheduleDocument(facts({ begins: new Date('2026-11-28T12:00:00Z') }))
    assert.equal(document.frozenUntil, '2026-11-30T07:00:00.000Z')
    assert.deepEqual(
      [document.beginsAt, document.steps[0]?.beginsAt, document.endsAt].map((time) => time?.slice(0, 16)),
      ['2026-11-30T07:00', '2026-11-30T07:05', '2026-11-30T08:45'],
    )
    const text = scheduleText(document, { palette: createPalette(false), width: 80 })
    assert.match(
      text,
      /^begins +2026-11-30T07:00:00Z, when the freeze window of now ends: started\s+before, it is refused$/m,
    )
  })

  it('keeps a step that ends within a freeze window until that is over', () => {
    const { frozenUntil, steps, endsAt, longestEndsAt } = toScheduleDocument(
      facts({ begins: new Date('2026-11-27T14:00:00Z') }),
    )
    assert.equal(frozenUntil, null)
    assert.deepEqual(
      steps.map(({ beginsAt }) => beginsAt.slice(8, 16)),
      ['27T14:05', '27T14:15', '30T07:00', '30T07:30'],
    )
    assert.deepEqual(
      [endsAt, longestEndsAt].map((time) => time.slice(8, 16)),
      ['30T07:30', '30T08:00'],
    )
  })

  it('does not begin where its baseline would end within a freeze window', () => {
    const { beginsAt } = toScheduleDocument(facts({ begins: new Date('2026-11-27T14:57:00Z') }))
    assert.equal(beginsAt, '2026-11-30T07:00:00.000Z')
  })

  it('is refused where the freeze windows cover the whole week', () => {
    const freeze = ['Mon 00:00-Thu 00:00 UTC', 'Thu 00:00-Mon 00:00 UTC'].map((text) => freezeWindowSchema.parse(text))
    const options = { ...OPTIONS, safeguards: { freeze } }
    assert.throws(() => toScheduleDocument(facts({ options })), /leave no moment of the week/)
  })

  it('does not count extensions that the plan does not take', () => {
    const { endsAt, longestEndsAt } = toScheduleDocument(facts({ options: { ...OPTIONS, onInconclusive: 'hold' } }))
    assert.equal(longestEndsAt, endsAt)
  })

  it('tells how many attempts each step needs, by its own limits', () => {
    const needed = (change: Partial<ScheduleFacts>) =>
      toScheduleDocument(facts(change)).steps.map(({ attempts, attemptsToNotice }) => [attempts, attemptsToNotice])
    assert.deepEqual(needed({}), [
      [20, 1379],
      [20, 135],
      [50, 10],
      [null, null],
    ])
    const unjudged = needed({ options: { ...OPTIONS, monitoring: false } })
    assert.deepEqual(unjudged, Array(4).fill([null, null]))
    const blind = needed({ thresholds: { ...DEFAULT_THRESHOLDS, minAdoption: 0 } })
    assert.deepEqual(blind[0], [20, null], 'without min-adoption nobody ever notices')
  })

  it('tells how many attempts each step needs to find twice the limit, and how long that takes where traffic is known', () => {
    const traffic = { attemptsPerSecond: 5, rolloutId: '20261124-090000-abc' }
    const needed = (change: Partial<ScheduleFacts>) =>
      toScheduleDocument(facts(change)).steps.map(({ attemptsToFindDoubling }) => attemptsToFindDoubling)
    const [first, , strict, full] = needed({})
    assert.ok(first && strict && first > 300 && strict > 2 * first, `${first} at 5 %, ${strict} at 2 %`)
    assert.equal(full, null, 'nothing is observed there')
    const surer = needed({ analysis: { rule: 'sequential', confidence: 0.999, designEffect: 2 } })
    assert.ok((surer[0] ?? 0) > 2 * first)
    assert.equal(needed({ thresholds: { ...DEFAULT_THRESHOLDS, maxErrorRate: 60 } })[0], null, 'no rate is twice 60 %')
    const [step] = scheduleDocumentSchema.parse(toScheduleDocument(facts({ traffic }))).steps
    assert.equal(step?.findsDoublingMs, (first / 5) * 1000)
    const text = (change: Partial<ScheduleFacts>) =>
      scheduleText(toScheduleDocument(facts(change)), { palette: createPalette(false), width: 200 })
    assert.match(text({}), /at [\d.]+ attempts a second or more every step is long enough for that/)
    assert.match(text({ traffic }), /at the 5 attempts a second that run 20261124-090000-abc saw it takes \d+m/)
    assert.match(text({ traffic: { ...traffic, attemptsPerSecond: 0.1 } }), /longer than 3 of the steps/)
  })

  it('counts the users whom each step moves', () => {
    const { steps, users } = toScheduleDocument(facts())
    assert.deepEqual(users, { total: 100_000, forcedLegacy: 1 })
    const moved = steps.map((step) => step.users?.moved ?? 0)
    assert.equal(
      moved.reduce((sum, count) => sum + count, 0),
      99_999,
    )
    assert.ok(moved[0] !== undefined && moved[0] > 800 && moved[0] < 1200, `1 % of 100,000 are ${moved[0]}`)
    assert.equal(toScheduleDocument(facts({ users: null })).steps[0]?.users, null)
  })

  it('fits a terminal of 80 columns, with gates, own limits and windows in words', () => {
    const text = scheduleText(toScheduleDocument(facts()), { palette: createPalette(false), width: 80 })
    for (const line of text.split('\n')) assert.ok(widthOf(line) <= 80, line)
    assert.match(text, /^winter rollout: 3 steps, 1 % to 100 %, then mode full$/m)
    assert.match(text, /what 1 gate may add is not\s+counted/)
    assert.match(text, /^begins +2026-11-25T14:00:00Z, were it started now$/m)
    assert.match(text, /^step 2: then waits for an approval, 2h at most, then rolls back$/m)
    assert.match(text, /^step 3: max-error-rate 2, min-attempts 50$/m)
    assert.match(text, /^users +99,999 of 100,000 on unified in the end; 1 forced to legacy$/m)
  })
})
