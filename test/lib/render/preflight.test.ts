import assert from 'node:assert/strict'
import { toPreflightDocument } from '../../../src/lib/contract/preflight.js'
import { createPalette } from '../../../src/lib/render/palette.js'
import { findingLines, preflightText } from '../../../src/lib/render/preflight.js'
import { callError } from '../../support/fakes.js'
import { HOSTILE, hasControls } from '../../support/events.js'
import { facts, steady } from '../../support/preflight.js'

const palette = createPalette(false)
const WIDE = { palette, width: Number.POSITIVE_INFINITY }

describe('the text of preflight', () => {
  it('says how it ended, what is planned and what was found, each with a word of its own', () => {
    const text = preflightText(toPreflightDocument(facts({ environmentFile: null, readings: steady(5) })), WIDE)
    assert.match(text, /^preflight: completed \(exit 0\); 0 failures, 1 warning, 13 passed\n/)
    assert.match(text, /^plan +4 steps, 20m, 40m with every extension$/m)
    assert.match(text, /^traffic +20.0 attempts a second$/m)
    assert.match(text, /^ok +server /m)
    assert.match(text, /^WARN +environment-file /m)
    assert.match(text, /\nNext\n {2}environment-file: name it.*--env-file FILE/)
    assert.doesNotMatch(text, /Not checked/)
  })

  it('names what could not be looked into, once for each reason', () => {
    const failure = callError('unreachable')
    const change = { readings: [], readFailure: failure, statsFailure: failure, health: failure }
    const text = preflightText(toPreflightDocument(facts(change)), WIDE)
    assert.match(
      text,
      /Not checked\n {2}token, stats, processes, .*: the server could not be read\n {2}traffic, thresholds: /,
    )
    assert.match(text, /^traffic +not known$/m)
  })

  it('fits into a narrow terminal, but for commands to copy, which stay whole', () => {
    const text = preflightText(toPreflightDocument(facts({ environmentFile: null })), { palette, width: 60 })
    const [found = '', next = ''] = text.split('\nNext\n')
    assert.ok(
      found.split('\n').every((line) => line.length <= 60),
      found,
    )
    assert.match(next.replaceAll(/\n {4}/g, ' '), /^ {2}environment-file: .*WSCTL_ENV_FILE\)$/)
  })

  it('lets nothing that a server says move the cursor', () => {
    const health = { status: 'degraded', issues: [HOSTILE] } as const
    const document = toPreflightDocument(facts({ health }))
    const lines = `${preflightText(document, WIDE)}\n${findingLines(document.findings, WIDE)}`.split('\n')
    assert.deepEqual(lines.filter(hasControls), [])
  })

  it('puts below each finding what to type about it', () => {
    const { findings } = toPreflightDocument(facts({ environmentFile: null }))
    const warnings = findings.filter(({ verdict }) => verdict === 'warn')
    assert.match(findingLines(warnings, WIDE), /^WARN environment-file: the server's .*\n {5}- name it, /)
    const lines = findingLines(warnings, { palette, width: 50 }).split('\n')
    assert.ok(lines.slice(0, -1).every((line) => line.length <= 50))
  })
})
