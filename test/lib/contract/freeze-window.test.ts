import assert from 'node:assert/strict'
import { freezeWindowSchema } from '../../../src/lib/contract/freeze-window.js'
import { frozenBy, thawsAt } from '../../../src/lib/core/freeze.js'

function isFrozen(text: string, time: string): boolean {
  return frozenBy([freezeWindowSchema.parse(text)], Date.parse(time)) !== null
}

describe('a freeze window', () => {
  // 2026-11-27 is a Friday; Berlin is an hour ahead of UTC in November and two in July.
  for (const [time, frozen] of [
    ['2026-11-27T14:59:59Z', false],
    ['2026-11-27T15:00:00Z', true],
    ['2026-11-29T12:00:00Z', true],
    ['2026-11-30T06:59:59Z', true],
    ['2026-11-30T07:00:00Z', false],
    ['2026-07-03T13:59:59Z', false],
    ['2026-07-03T14:00:00Z', true],
    ['2026-07-06T06:00:00Z', false],
  ] as const) {
    it(`over a weekend by the clocks of Berlin ${frozen ? 'holds' : 'leaves'} ${time}`, () => {
      assert.equal(isFrozen('Fri 16:00-Mon 08:00 Europe/Berlin', time), frozen)
    })
  }

  for (const [text, from, until] of [
    ['Fri 16:00-Mon 08:00 Europe/Berlin', '2026-11-28T12:34:56.789Z', '2026-11-30T07:00:00.000Z'],
    ['Fri 16:00-Mon 08:00 Europe/Berlin', '2026-11-25T12:00:00.000Z', '2026-11-25T12:00:00.000Z'],
    // Clocks go forward on Sunday, 29 March 2026 at 02:00, and back on 25 October at 03:00.
    ['Fri 16:00-Mon 08:00 Europe/Berlin', '2026-03-28T12:00:00.000Z', '2026-03-30T06:00:00.000Z'],
    ['Fri 16:00-Mon 08:00 Europe/Berlin', '2026-10-24T12:00:00.000Z', '2026-10-26T07:00:00.000Z'],
    ['Sat 16:00-Sun 02:30 Europe/Berlin', '2026-03-28T20:00:00.000Z', '2026-03-29T01:00:00.000Z'],
  ] as const) {
    it(`of ${text} lets go, seen from ${from}, at ${until}`, () => {
      const atMs = thawsAt([freezeWindowSchema.parse(text)], Date.parse(from))
      assert.equal(new Date(atMs ?? 0).toISOString(), until)
    })
  }

  it('that another one follows lets go when that one does, and never when they cover the week', () => {
    const windows = ['Fri 16:00-Sun 00:00 UTC', 'Sat 12:00-Mon 08:00 UTC'].map((text) => freezeWindowSchema.parse(text))
    assert.equal(thawsAt(windows, Date.parse('2026-11-28T00:00:00Z')), Date.parse('2026-11-30T08:00:00Z'))
    const rest = freezeWindowSchema.parse('Mon 08:00-Fri 16:00 UTC')
    assert.equal(thawsAt([...windows, rest], Date.parse('2026-11-28T00:00:00Z')), null)
  })

  it('within a day, and up to the end of one', () => {
    assert.equal(isFrozen('Tue 12:00-Tue 13:00 UTC', '2026-11-24T12:30:00Z'), true)
    assert.equal(isFrozen('Tue 12:00-Tue 13:00 UTC', '2026-11-25T12:30:00Z'), false)
    assert.equal(isFrozen('Sat 00:00-Sun 24:00 UTC', '2026-11-29T23:59:00Z'), true)
    assert.equal(isFrozen('Sat 00:00-Sun 24:00 UTC', '2026-11-30T00:00:00Z'), false)
  })

  it('takes long names, any case and a dash', () => {
    assert.equal(isFrozen('friday 16:00 – MONDAY 08:00 UTC', '2026-11-28T00:00:00Z'), true)
  })

  it('without a time zone is by the clocks of this machine, and says which those are', () => {
    const { text, timeZone } = freezeWindowSchema.parse('Fri 16:00-Mon 08:00')
    assert.equal(timeZone, Intl.DateTimeFormat().resolvedOptions().timeZone)
    assert.ok(text.endsWith(timeZone))
  })

  for (const [text, expected] of [
    ['weekends', /expected a part of the week such as/],
    ['Fri 16:00', /expected a part of the week such as/],
    ['Foo 16:00-Mon 08:00', /expected a part of the week such as/],
    ['Fri 25:00-Mon 08:00', /expected a part of the week such as/],
    ['Fri 16:60-Mon 08:00', /expected a part of the week such as/],
    ['Fri 16:00-Fri 16:00', /ends at another time than it begins/],
    ['Fri 16:00-Mon 08:00 Middle/Earth', /expected a time zone such as .*, not Middle\/Earth/],
  ] as const) {
    it(`is refused as ${text}`, () => {
      const parsed = freezeWindowSchema.safeParse(text)
      assert.equal(parsed.success, false)
      assert.match(parsed.error.issues[0]?.message ?? '', expected)
    })
  }
})
