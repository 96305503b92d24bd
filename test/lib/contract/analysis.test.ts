import assert from 'node:assert/strict'
import { analysisOptionsSchema, analysisValues } from '../../../src/lib/contract/analysis.js'
import { parseOptions } from '../../../src/lib/contract/options.js'

function read(flags: Readonly<Record<string, unknown>>) {
  return parseOptions(analysisOptionsSchema, analysisValues(flags))
}

describe('how rates are judged', () => {
  it('is by counting when nothing is said', () => {
    assert.deepEqual(read({}), { rule: 'counted' })
    assert.deepEqual(read({ server: 'http://x', confidence: '0.9' }), { rule: 'counted' })
  })

  it('has a confidence of 99 % and believes in independent failures by default', () => {
    assert.deepEqual(read({ analysis: 'sequential' }), { rule: 'sequential', confidence: 0.99, designEffect: 1 })
  })

  it('takes a confidence as a share and in per cent', () => {
    const confidence = (value: unknown) => read({ analysis: 'sequential', confidence: value })
    assert.deepEqual(confidence('99.5 %'), confidence(0.995))
    assert.deepEqual(confidence('0.995'), { rule: 'sequential', confidence: 0.995, designEffect: 1 })
  })

  for (const [name, value, expected] of [
    ['analysis', 'guess', 'expected one of counted, sequential'],
    ['confidence', '0.5', 'expected a number above 0.5 and below 1, such as 0.99'],
    ['confidence', '1', 'expected a number above 0.5 and below 1, such as 0.99'],
    ['confidence', '99', 'expected a number above 0.5 and below 1, such as 0.99'],
    ['design-effect', '0.9', 'expected a number from 1 to 1000'],
  ] as const) {
    it(`is not ${name} ${value}`, () => {
      assert.throws(
        () => read({ analysis: 'sequential', [name]: value }),
        (error: Error) => error.message.includes(`--${name} ${value}: ${expected}`),
      )
    })
  }
})
