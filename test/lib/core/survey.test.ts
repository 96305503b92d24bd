import assert from 'node:assert/strict'
import fc from 'fast-check'
import { READINGS_TO_AGREE, survey } from '../../../src/lib/core/processes.js'
import { readings, type ReadingChange } from '../../support/preflight.js'

const of = (...changes: readonly ReadingChange[]) => survey(readings(...changes).map(({ status }) => status))
const counting = (...legacy: readonly number[]) => of(...legacy.map((count) => ({ counters: { legacy: count } })))
const showing = (...percentages: readonly number[]) =>
  of(...percentages.map((percentage) => ({ settings: { percentage } })))

describe('a survey of readings over fresh connections', () => {
  it('believes in one process only after enough readings that agree', () => {
    assert.equal(counting(5, 5, 6, 9, 9, 12), 'too-few')
    assert.equal(counting(5, 5, 6, 9, 9, 12, 12), 'steady')
  })

  it('reads on when one reading does not fit, however many did', () => {
    assert.equal(showing(0, 0, 0, 0, 0, 0, 20), 'doubtful')
    assert.equal(counting(100, 100, 40), 'doubtful')
  })

  it('finds several processes by settings that come and go', () => {
    assert.equal(showing(0, 20, 0, 20, 0, 20, 0), 'several-processes')
  })

  it('finds several processes by counters that come and go', () => {
    assert.equal(counting(500, 40, 501, 41, 502, 42, 503), 'several-processes')
  })

  it('finds several processes when the other one answers once alone', () => {
    assert.equal(counting(500, 500, 40, 501, 501, 502, 502, 503), 'several-processes')
  })

  it('calls counters that fell once and grow again a restart', () => {
    assert.equal(counting(500, 510, 0, 2, 4, 6, 8, 10), 'restarted')
  })

  it("calls settings that changed once somebody else's change", () => {
    assert.equal(showing(0, 0, 20, 20, 20, 20, 20, 20), 'foreign-change')
  })

  it('never calls it steady when settings differ or a counter went down', () => {
    const reading = fc.record({ percentage: fc.constantFrom(0, 20), legacy: fc.nat({ max: 5 }) })
    fc.assert(
      fc.property(fc.array(reading, { minLength: 2, maxLength: 12 }), (row) => {
        const said = of(...row.map(({ percentage, legacy }) => ({ settings: { percentage }, counters: { legacy } })))
        const fits = row.every(({ percentage, legacy }, index) => {
          const earlier = row[index - 1]
          return earlier === undefined || (earlier.percentage === percentage && earlier.legacy <= legacy)
        })
        assert.equal(said === 'steady', fits && row.length >= READINGS_TO_AGREE)
      }),
    )
  })
})
