import assert from 'node:assert/strict'
import { openScreen } from '../../../src/lib/cli/screen.js'
import type { Variables } from '../../../src/lib/cli/environment.js'
import { FakeTerminal, Paper } from '../../support/events.js'

interface Situation {
  readonly environment?: Variables
  readonly noColour?: boolean
  /** Which of the streams are terminals. */
  readonly out?: boolean
  readonly err?: boolean
}

function open({ environment = {}, noColour = false, out = false, err = false }: Situation) {
  const stream = (isTerminal: boolean): Paper => (isTerminal ? new FakeTerminal(100) : new Paper())
  return openScreen(noColour, environment, { stdout: stream(out), stderr: stream(err) })
}

/** On which of the streams colours are used. */
function colours(situation: Situation): readonly boolean[] {
  const { out, err } = open(situation)
  return [out, err].map(({ palette }) => palette.bad('x') !== 'x')
}

const terminal = { out: true, err: true }

describe('the screen', () => {
  it('has colours on a terminal and none in a pipe, each stream for itself', () => {
    assert.deepEqual(colours(terminal), [true, true])
    assert.deepEqual(colours({}), [false, false])
    assert.deepEqual(colours({ out: false, err: true }), [false, true])
    assert.deepEqual(colours({ out: true, err: false }), [true, false])
  })

  it('draws in ASCII unless the locale is one of UTF-8', () => {
    const ascii = (environment: Variables): boolean | undefined => open({ environment }).out.ascii
    assert.equal(ascii({ LANG: 'C.UTF-8' }), false)
    assert.equal(ascii({ LC_CTYPE: 'de_DE.utf8', LANG: 'C' }), false)
    assert.equal(ascii({ LC_ALL: 'C', LANG: 'en_US.UTF-8' }), true)
    assert.equal(ascii({ LC_ALL: '', LANG: 'en_US.ISO-8859-1' }), true)
  })

  it('has none with --no-color or NO_COLOR, whatever else is set', () => {
    for (const extra of [{}, { FORCE_COLOR: '1' }, { FORCE_COLOR: '3' }]) {
      assert.deepEqual(colours({ ...terminal, noColour: true, environment: extra }), [false, false])
      assert.deepEqual(colours({ ...terminal, environment: { NO_COLOR: '1', ...extra } }), [false, false])
    }
  })

  it('takes an empty NO_COLOR for none', () => {
    assert.deepEqual(colours({ ...terminal, environment: { NO_COLOR: '' } }), [true, true])
  })

  it('has them in a pipe too with FORCE_COLOR, and none on a terminal when that is 0', () => {
    assert.deepEqual(colours({ environment: { FORCE_COLOR: '1' } }), [true, true])
    for (const value of ['0', 'false']) {
      assert.deepEqual(colours({ ...terminal, environment: { FORCE_COLOR: value } }), [false, false])
    }
  })

  it('has none on a terminal that can do nothing', () => {
    assert.deepEqual(colours({ ...terminal, environment: { TERM: 'dumb' } }), [false, false])
  })

  it('is drawn over itself only where progress goes to a capable terminal, and not in CI', () => {
    assert.equal(open(terminal).live, true)
    assert.equal(open({ out: false, err: true }).live, true)
    assert.equal(open({ out: true, err: false }).live, false)
    assert.equal(open({ ...terminal, environment: { CI: 'true' } }).live, false)
    assert.equal(open({ ...terminal, environment: { TERM: 'dumb' } }).live, false)
    assert.equal(open({ ...terminal, environment: { NO_COLOR: '1' } }).live, true, 'a live view needs no colour')
  })

  it('is as wide as the terminal, and without end in a pipe', () => {
    assert.deepEqual([open(terminal).out.width, open({}).out.width], [100, Number.POSITIVE_INFINITY])
  })
})
