import assert from 'node:assert/strict'
import { createPalette } from '../../../src/lib/render/palette.js'
import { rolloutsTable, type RolloutView } from '../../../src/lib/render/rollouts.js'

const RUN: RolloutView = {
  rolloutId: '20261130-145806-67239',
  command: 'deploy gradual',
  name: null,
  server: 'http://127.0.0.1:33777',
  operator: 'ana@build-7',
  since: '2026-11-30T14:58:06.000Z',
  state: 'running',
  percentage: 20,
  step: 1,
  steps: 3,
  reason: null,
  takenOver: null,
}

describe('the table of runs that have not ended', () => {
  it('has one line for each in 80 columns, without what the id tells as well', () => {
    const lines = rolloutsTable([RUN, RUN], { palette: createPalette(false), width: 80 }).split('\n')
    assert.deepEqual(
      lines.map((line) => line.replaceAll(/ +/g, ' ')),
      [
        'id state step at operator server',
        ...Array<string>(2).fill('20261130-145806-67239 running 1/3 20 % ana@build-7 http://127.0.0.1:33777'),
      ],
    )
  })

  it('leaves the operator out as well before it breaks anything, and tells all in a wide terminal', () => {
    const table = (width: number): string => rolloutsTable([RUN], { palette: createPalette(false), width })
    assert.match(
      table(64).split('\n')[1] ?? '',
      /^20261130-145806-67239 {2}running {2}1\/3 +20 % {2}127\.0\.0\.1:33777$/,
    )
    assert.match(table(120), /ana@build-7 {2}2026-11-30T14:58:06Z {2}http/)
  })
})
