import assert from 'node:assert/strict'
import { AuditFile } from '../../../src/lib/adapters/audit-file.js'
import { adviceOnAuthor, withChangeAuthor } from '../../../src/lib/cli/change-author.js'
import type { AuditEntry } from '../../../src/lib/core/audit-entry.js'
import { planWatch } from '../../../src/lib/core/plan.js'
import type { RolloutState } from '../../../src/lib/core/rollout.js'
import { serverStatus, Story } from '../../support/events.js'
import { basis, gradual } from '../../support/rollouts.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

type ServerEntry = Extract<AuditEntry, { readonly target: 'server' }>

const FOUND = { mode: 'disabled', percentage: 20 } as const
const AFTER = {
  ...FOUND,
  legacyFallback: true,
  rolloutUsers: null,
  forceLegacyUsers: null,
  explicitRolloutUsers: 0,
  forcedLegacyUsers: 0,
}
const ENTRY: ServerEntry = {
  schema: 'wsctl/audit-entry@1',
  time: '2026-11-24T09:00:01.500Z',
  operator: 'ben@laptop',
  pid: 4711,
  command: 'rollback emergency',
  rolloutId: 'other-run',
  server: 'http://127.0.0.1:8000/',
  reason: 'connections drop',
  failure: null,
  target: 'server',
  change: 'emergency-rollback',
  before: null,
  after: AFTER,
}

/** A run that found the server so, and ended. */
function refused(): RolloutState {
  const story = new Story(gradual()).then(
    { type: 'step-started', step: 0, percentage: 5, again: false },
    { type: 'foreign-change-detected', step: 0, status: serverStatus(FOUND) },
  )
  const { phase } = story.state
  assert.ok(phase.name === 'stopped')
  const { outcome, code, reason } = phase
  return story.then({ type: 'finished', outcome, code, reason }).state
}

describe('a change from outside that this machine has on record', () => {
  const folder = new TemporaryFolder()

  async function reasonWith(...entries: readonly ServerEntry[]): Promise<string> {
    const audit = new AuditFile(folder.at())
    for (const entry of entries) await audit.append(entry)
    const { state } = await withChangeAuthor(refused(), { stateDir: folder.at(), state: null })
    assert.ok(state.phase.name === 'finished')
    return state.phase.reason
  }

  it('is told with who made it, from which run and process, when and why', async () => {
    assert.match(
      await reasonWith(ENTRY),
      /; it now says disabled 20 %\. It was rollback emergency \(run other-run, process 4711\) by ben@laptop, 2026-11-24T09:00:01Z: connections drop$/,
    )
  })

  it('is that of an emergency which never read the server as well', async () => {
    assert.match(await reasonWith({ ...ENTRY, after: null }), /It was rollback emergency/)
  })

  it('is the newest one that leads to what was found', async () => {
    const newer = { ...ENTRY, operator: 'cyd@laptop' }
    assert.match(await reasonWith(ENTRY, newer, { ...newer, after: { ...AFTER, percentage: 1 } }), /by cyd@laptop/)
  })

  const STRANGERS: Readonly<Record<string, Partial<ServerEntry>>> = {
    'of the run itself': { rolloutId: 'test-run' },
    'of another server': { server: 'http://127.0.0.1:8001' },
    'to other values': { after: { ...AFTER, mode: 'gradual' } },
    'to lists of another length': { after: { ...AFTER, forcedLegacyUsers: 2 } },
    'long before the run': { time: '2026-11-24T08:00:00.000Z' },
    'long after it': { time: '2026-11-24T10:00:00.000Z' },
    'that only cleared the cache': { change: 'clear-cache' },
  }
  for (const [name, change] of Object.entries(STRANGERS)) {
    it(`is not one ${name}`, async () => {
      assert.match(await reasonWith({ ...ENTRY, ...change }), /\. Nothing on .*audit\.jsonl explains it$/)
    })
  }

  it('leads to the run that made it', async () => {
    await new AuditFile(folder.at()).append(ENTRY)
    const { author } = await withChangeAuthor(refused(), { stateDir: folder.at(), state: null })
    assert.deepEqual(adviceOnAuthor(author), ['to see the run that changed it: wsctl history other-run'])
    assert.deepEqual(adviceOnAuthor(null), [])
  })

  it('is told in the warning of a watch that went on', async () => {
    await new AuditFile(folder.at()).append(ENTRY)
    const watch = planWatch(basis(), { durationMs: 60_000, onBreach: 'exit' })
    const story = new Story(watch).then({ type: 'foreign-change-detected', step: 0, status: serverStatus(FOUND) })
    const { state } = await withChangeAuthor(story.state, { stateDir: folder.at(), state: null })
    assert.match(state.warnings.join('\n'), /it now says disabled 20 %\. It was rollback emergency .*by ben@laptop/)
  })
})
