import assert from 'node:assert/strict'
import { nearest } from '../../../src/lib/cli/nearest.js'

const FLAGS = ['server', 'max-error-rate', 'max-routing-errors', 'max-fallback-rate', 'window', 'yes', 'step-size']

describe('a mistyped word', () => {
  it('is taken for the nearest one: a letter too few, too many, another, or two swapped', () => {
    for (const [typed, meant] of [
      ['sever', 'server'],
      ['serverr', 'server'],
      ['sarver', 'server'],
      ['sevrer', 'server'],
      ['max-erorr-rate', 'max-error-rate'],
      ['yse', 'yes'],
    ] as const) {
      assert.equal(nearest(typed, FLAGS), meant, typed)
    }
  })

  it('is taken for the one that it begins', () => {
    assert.equal(nearest('max-error', FLAGS), 'max-error-rate')
    assert.equal(nearest('step', FLAGS), 'step-size')
  })

  it('is nothing when none is near', () => {
    assert.equal(nearest('bogus', FLAGS), null)
    assert.equal(nearest('', FLAGS), null)
    assert.equal(nearest('server', []), null)
  })
})
