import assert from 'node:assert/strict'
import { createPalette, type Layout } from '../../../src/lib/render/palette.js'
import {
  environmentTable,
  healthTable,
  historyTable,
  statsTable,
  statusTable,
  userTable,
  type HistoryView,
  type StatusView,
} from '../../../src/lib/render/tables.js'
import { widthOf } from '../../../src/lib/render/text.js'
import { hasControls, HOSTILE } from '../../support/events.js'

const layout: Layout = { palette: createPalette(false), width: 80 }
const WIDE_ID = '漢字'.repeat(40)

const STATUS: StatusView = {
  server: 'http://127.0.0.1:8000',
  rollout: {
    mode: 'gradual',
    percentage: 20,
    explicitRolloutUsers: 3,
    forcedLegacyUsers: 1,
    legacyFallback: true,
    cachedAssignments: 1234,
  },
  connections: { legacyOpen: 120, unifiedOpen: null, legacyEstablished: 12480, unifiedEstablished: 3000 },
  errors: { routingErrors: 12, fallbackActivations: 6 },
  health: { status: 'degraded', issues: ['High error count: 12', HOSTILE] },
}

const RUN: HistoryView = {
  id: '20261124-090000-ab12',
  command: 'deploy gradual',
  server: 'http://127.0.0.1:8000',
  startedAt: '2026-11-24T09:00:00.000Z',
  state: 'ended',
  endedAt: '2026-11-24T10:00:05.000Z',
  outcome: 'rolled-back',
}
const LEFT: HistoryView = { ...RUN, state: 'left', endedAt: null, outcome: null }

function everyTable(at: Layout): readonly string[] {
  return [
    statusTable(STATUS, at),
    statsTable(
      { counters: { legacy: 12480, unified: 3000, errors: 12, fallbacks: 6 }, open: { legacy: 1, unified: null } },
      at,
    ),
    healthTable(
      {
        ...STATUS.health,
        server: HOSTILE,
        legacyEstablished: 1,
        unifiedEstablished: 2,
        routingErrors: 3,
        fallbackActivations: 4,
      },
      at,
    ),
    userTable(
      [
        { userId: HOSTILE, system: 'unified', reason: 'listed', bucket: 3, movesAtPercentage: 4 },
        { userId: WIDE_ID, system: 'legacy', reason: 'forced-legacy', bucket: 99, movesAtPercentage: null },
      ],
      at,
    ),
    environmentTable(
      [
        { name: 'WEBSOCKET_ROLLOUT_USER_LIST', value: HOSTILE.repeat(9) },
        { name: 'WEBSOCKET_MIGRATION_MODE', value: null },
      ],
      at,
    ),
    historyTable([RUN, { ...LEFT, server: 'http://another-host.example.com:8000' }], at),
  ]
}

describe('tables', () => {
  for (const width of [60, 64, 80, 120]) {
    it(`are no wider than ${width} columns and free of control characters`, () => {
      for (const line of everyTable({ ...layout, width })
        .join('\n')
        .split('\n')) {
        assert.ok(widthOf(line) <= width, line)
        assert.equal(hasControls(line), false, line)
      }
    })
  }

  it('tell a run that was left from one that is running', () => {
    const table = historyTable([LEFT, { ...LEFT, state: 'running' }], layout)
    assert.match(table, /deploy gradual {2}left +-$/m)
    assert.match(table, /deploy gradual {2}running +-$/m)
  })

  it('have colours only where colours are on', () => {
    const coloured = everyTable({ ...layout, palette: createPalette(true) })
    assert.ok(coloured.every((table) => table.includes('\u001B[')))
  })

  it('show the status as aligned fields', () => {
    const lines = statusTable(STATUS, layout).split('\n')
    assert.equal(lines[1], 'phase        Phase 2: gradual rollout')
    assert.equal(lines[2], 'mode         gradual, percentage set to 20 %')
    assert.equal(lines[6], 'open now     legacy 120, unified never used')
    assert.equal(lines[9], 'health       degraded')
  })

  it('never lose a character of a long user id', () => {
    const [table = ''] = everyTable(layout).slice(3, 4)
    assert.equal(Array.from(table).filter((character) => character === '漢').length, 40)
  })

  it('make control characters of a user id visible, so that two ids never look the same', () => {
    const table = userTable(
      [{ userId: 'al\u0000ice\u200B', system: 'legacy', reason: 'bucket', bucket: 7, movesAtPercentage: 8 }],
      layout,
    )
    assert.match(table, /^al\\u\{0\}ice\\u\{200b\} +legacy +bucket +7 +8 %$/m)
  })

  it('give the share that each counter has of the attempts', () => {
    const table = statsTable(
      { counters: { legacy: 60, unified: 40, errors: 5, fallbacks: 5 }, open: { legacy: null, unified: 2 } },
      layout,
    )
    assert.match(table, /^attempts +100 +100 %$/m)
    assert.match(table, /^unified connections +40 +40 %$/m)
    assert.match(table, /^open now +legacy never used, unified 2$/m)
  })

  it('leave out in a narrow terminal what the id of a run tells as well, and break no id', () => {
    const table = historyTable([RUN, LEFT], { ...layout, width: 60 })
    assert.match(table, /^20261124-090000-ab12 {2}deploy gradual {2}rolled-back {2}1h 5s$/m)
    assert.doesNotMatch(table, /started/)
  })

  it('shorten in a narrow terminal the servers of runs rather than break them', () => {
    const other = { ...RUN, server: 'http://127.0.0.1:33777' }
    const lines = historyTable([RUN, other], { ...layout, width: 73 }).split('\n')
    assert.equal(lines.length, 3)
    assert.match(lines[2] ?? '', /1h 5s {2}127\.0\.0\.1:33777$/)
  })

  it('tell a server that all runs share once', () => {
    const table = historyTable([RUN, RUN], layout)
    assert.equal(table.match(/127\.0\.0\.1/g)?.length, 1)
    assert.match(table, /^20261124-090000-ab12 {2}2026-11-24T09:00:00Z {2}deploy gradual {2}rolled-back +1h 5s$/m)
  })
})
