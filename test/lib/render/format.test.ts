import assert from 'node:assert/strict'
import {
  countOf,
  elapsedMs,
  formatDuration,
  formatInstant,
  formatRate,
  formatTimeOfDay,
  phaseOf,
} from '../../../src/lib/render/format.js'
import { cut, printable, visible, widthOf, wrap, wrapAndCut } from '../../../src/lib/render/text.js'
import { HOSTILE } from '../../support/events.js'

describe('formats', () => {
  it('give a duration in its two largest units', () => {
    const texts = [0, 499.6, 1000, 61_000, 30 * 60_000, 26 * 3_600_000 + 61_000].map(formatDuration)
    assert.deepEqual(texts, ['0ms', '500ms', '1s', '1m 1s', '30m', '1d 2h'])
  })

  it('give times in UTC to the second', () => {
    assert.equal(formatInstant('2026-11-24T09:00:01.999Z'), '2026-11-24T09:00:01Z')
    assert.equal(formatTimeOfDay('2026-11-24T09:00:01.999Z'), '09:00:01Z')
    assert.equal(elapsedMs('2026-11-24T09:00:01Z', '2026-11-24T09:00:00Z'), 0)
  })

  it('tell nothing measured from nothing happened', () => {
    assert.deepEqual([formatRate(null), formatRate(0)], ['-', '0 %'])
    assert.deepEqual([countOf(1, 'attempt'), countOf(12_480, 'attempt')], ['1 attempt', '12,480 attempts'])
  })

  it("use the deployment guide's names of the phases", () => {
    assert.equal(phaseOf('disabled'), 'Not deployed')
    assert.equal(phaseOf('full'), 'Phase 3: full deployment')
  })
})

describe('text of unknown origin', () => {
  it('becomes one harmless line', () => {
    assert.equal(printable(HOSTILE), 'up red nextreversed')
    assert.equal(visible('a\tb\uD800'), 'a\\u{9}b\\u{d800}')
  })

  it('is cut by columns, not by characters', () => {
    assert.equal(cut('漢字漢字', 5), '漢字…')
    assert.equal(cut('漢字漢字', 8), '漢字漢字')
    assert.equal(cut('abc', 1), '…')
  })

  it('is broken between words, and never between a number and its per cent sign', () => {
    assert.deepEqual(wrap('limit of 12 % here', 11), ['limit of', '12 % here'])
    assert.deepEqual(wrap('limit of 12 % here', Number.POSITIVE_INFINITY), ['limit of 12 % here'])
    const lines = wrapAndCut('one two three four five', 9, 2)
    assert.deepEqual(lines, ['one two', 'three fo…'])
    assert.ok(lines.every((line) => widthOf(line) <= 9))
  })
})
