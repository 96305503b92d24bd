import assert from 'node:assert/strict'
import { auditTable, type AuditView } from '../../../src/lib/render/audit-table.js'
import { createPalette, type Layout } from '../../../src/lib/render/palette.js'
import { widthOf } from '../../../src/lib/render/text.js'
import { hasControls, HOSTILE } from '../../support/events.js'

const WIDE: Layout = { palette: createPalette(false), width: Number.POSITIVE_INFINITY }

const COMMON = {
  time: '2026-11-24T09:00:00.000Z',
  operator: 'ada@build-7',
  command: 'deploy gradual',
  rolloutId: '20261124-090000-123ab',
  server: 'http://127.0.0.1:8000',
  reason: 'step 2 of 4',
  failure: null,
}
const AT_5 = {
  mode: 'gradual',
  percentage: 5,
  legacyFallback: true,
  explicitRolloutUsers: 2,
  forcedLegacyUsers: 0,
  rolloutUsers: ['ann', 'ben'],
  forceLegacyUsers: [],
}
const RAISED: AuditView = {
  ...COMMON,
  target: 'server',
  change: 'configure',
  before: AT_5,
  after: { ...AT_5, percentage: 20, legacyFallback: false },
}
const EDITED: AuditView = {
  ...COMMON,
  target: 'environment-file',
  change: 'set',
  rolloutId: null,
  server: null,
  reason: null,
  command: 'env set',
  path: '/srv/app/.env',
  before: { WEBSOCKET_MIGRATION_MODE: null, WEBSOCKET_ROLLOUT_PERCENTAGE: '5', WEBSOCKET_ROLLOUT_USER_LIST: '' },
  after: { WEBSOCKET_MIGRATION_MODE: 'full', WEBSOCKET_ROLLOUT_PERCENTAGE: '5', WEBSOCKET_ROLLOUT_USER_LIST: 'ann' },
}

const SIGNED: AuditView = {
  ...COMMON,
  target: 'checklist',
  change: 'sign',
  rolloutId: null,
  command: 'checklist sign',
  reason: 'announced',
  item: 'team-told',
}

describe('the table of changes', () => {
  it('tells what was signed, and why', () => {
    assert.match(auditTable([SIGNED], WIDE), /ada@build-7 +- +sign team-told +checklist sign: announced/)
  })

  it('tells who changed what, from where to where, why, and the answer', () => {
    const table = auditTable([RAISED, { ...EDITED, server: RAISED.server }], WIDE)
    assert.match(table, /^server {2}http:\/\/127\.0\.0\.1:8000$/m)
    assert.match(
      table,
      /ada@build-7 {2}20261124-090000-123ab {2}configure: gradual 5 % → gradual 20 % without fallback/,
    )
    assert.match(table, /deploy gradual: step 2 of 4 {2}accepted/)
    assert.match(
      table,
      /set \/srv\/app\/\.env: WEBSOCKET_MIGRATION_MODE \(not set\) → full, WEBSOCKET_ROLLOUT_USER_LIST \(empty\) → ann {2}/,
    )
    assert.doesNotMatch(table, /list 2/, 'what stayed is not told')
  })

  it('tells lists that changed, also when they are as long as before', () => {
    const swapped: AuditView = { ...RAISED, before: AT_5, after: { ...AT_5, rolloutUsers: ['ann', 'zoe'] } }
    assert.match(auditTable([swapped], WIDE), /; rollout list 2 → 2/)
    const unknown: AuditView = { ...RAISED, before: { ...AT_5, forcedLegacyUsers: null }, after: AT_5 }
    assert.match(auditTable([unknown], WIDE), /; force-legacy list unknown → 0/)
  })

  it('tells an emergency at a server that was never read, and what it answered', () => {
    const emergency: AuditView = {
      ...RAISED,
      change: 'emergency-rollback',
      before: null,
      after: null,
      failure: 'no answer',
    }
    assert.match(auditTable([emergency], WIDE), /emergency-rollback: unknown → disabled .* no answer/)
  })

  it('names the server of each change when there are several', () => {
    const table = auditTable([RAISED, { ...RAISED, server: 'http://10.0.0.2:8000' }], WIDE)
    assert.match(table, /http:\/\/10\.0\.0\.2:8000 +configure/)
  })

  it('is a paragraph for each change where a table does not fit', () => {
    const text = auditTable([{ ...RAISED, failure: 'POST /configure answered 503' }, EDITED], { ...WIDE, width: 80 })
    assert.deepEqual(text.split('\n').slice(0, 5), [
      '2026-11-24T09:00:00Z  ada@build-7  20261124-090000-123ab',
      '  http://127.0.0.1:8000  configure: gradual 5 % → gradual 20 % without fallback',
      '  deploy gradual: step 2 of 4',
      '  POST /configure answered 503',
      '2026-11-24T09:00:00Z  ada@build-7',
    ])
    assert.match(text, /^ {2}- {2}set \/srv\/app\/\.env: WEBSOCKET_MIGRATION_MODE/m)
  })

  it('has a dash where the server of a change is not known, and claims no server for it', () => {
    const table = auditTable([RAISED, EDITED], WIDE)
    assert.doesNotMatch(table, /^server {2}http/m)
    assert.match(table, /ada@build-7 +- +- +set \/srv\/app\/\.env/)
  })

  it('lets no text of the server or of a file act on the terminal, and keeps to the width', () => {
    const hostile: AuditView = { ...RAISED, reason: HOSTILE, failure: HOSTILE, operator: HOSTILE }
    const file: AuditView = { ...EDITED, path: HOSTILE, after: { WEBSOCKET_MIGRATION_MODE: HOSTILE } }
    for (const line of auditTable([hostile, file], { ...WIDE, width: 100 }).split('\n')) {
      assert.ok(!hasControls(line))
      assert.ok(widthOf(line) <= 100)
    }
  })
})
