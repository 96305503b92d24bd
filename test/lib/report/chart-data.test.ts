import assert from 'node:assert/strict'
import { forward, measureSeries, thin, timeIn, verdictTimes } from '../../../src/lib/report/chart-data.js'
import { gradual, Scene } from '../../support/rollouts.js'
import { FAILING, PILING_UP, reportOf } from '../../support/reports.js'

describe('the series of a chart', () => {
  it('keeps the worst of each stretch when there are too many', () => {
    const values = Array.from({ length: 1000 }, (_, index) => (index === 437 ? 99 : index % 7))
    const few = thin(values, (value) => value, 50)
    assert.equal(few.length, 50)
    assert.ok(few.includes(99))
    assert.equal(
      thin(values, (value) => value, 1000),
      values,
    )
  })

  it('never goes back in time', () => {
    const times = ['10:00:00', '10:00:05', '09:00:00', '10:00:06'].map((time) => ({ time: `2026-11-24T${time}.000Z` }))
    const ms = forward(times).map((item) => item.ms - Date.parse('2026-11-24T10:00:00.000Z'))
    assert.deepEqual(ms, [0, 5000, 5000, 6000])
  })

  it('tells the date where a run saw more than one', () => {
    const startedAt = '2026-11-24T23:00:00.000Z'
    assert.equal(timeIn({ startedAt, seenAt: '2026-11-24T23:59:59.000Z' }, startedAt), '23:00:00Z')
    assert.equal(timeIn({ startedAt, seenAt: '2026-11-25T00:10:00.000Z' }, startedAt), '2026-11-24 23:00:00Z')
  })

  it('marks a rate where it broke its limit, and only there', async () => {
    const report = await reportOf(gradual(), new Scene(FAILING))
    const { values, limits, broken } = measureSeries(report, 'errorRate')
    assert.equal(values.length, report.checks.length)
    assert.ok(limits.every(([, limit]) => limit === 5))
    assert.equal(broken.length, 3)
    assert.ok(broken.every(([, value]) => value !== null && value > 5))
    assert.deepEqual(measureSeries(report, 'successRate').broken, [])
    const few = report.checks.map((check) => ({ ...check, verdict: 'inconclusive' as const, errorRate: 50 }))
    assert.ok(measureSeries({ checks: few }, 'errorRate').values.every(([, value]) => value === null))
    assert.ok(measureSeries({ checks: few }, 'routingErrors').values.every(([, value]) => value !== null))
    assert.deepEqual(
      Object.entries(verdictTimes(report)).map(([verdict, times]) => [verdict, times.length]),
      [
        ['pass', report.figures.checks.pass],
        ['inconclusive', 0],
        ['fail', 3],
        ['error', 0],
      ],
    )
  })

  it('marks the routing errors within the window where they broke their limit, and no rate did', async () => {
    const report = await reportOf(gradual(), new Scene(PILING_UP))
    const { values, limits, broken } = measureSeries(report, 'routingErrors')
    assert.equal(report.outcome, 'rolled-back')
    assert.ok(limits.every(([, limit]) => limit === 50))
    assert.equal(broken.length, 3)
    assert.ok(broken.every(([, value]) => value !== null && value > 50))
    assert.equal(Math.max(...values.map(([, value]) => value ?? 0)), report.figures.mostRoutingErrors)
    assert.deepEqual(measureSeries(report, 'errorRate').broken, [])
  })
})
