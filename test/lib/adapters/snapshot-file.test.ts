import assert from 'node:assert/strict'
import { readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { fold } from '../../../src/lib/core/fold.js'
import { RunFolder } from '../../../src/lib/adapters/run-folder.js'
import { planWatch } from '../../../src/lib/core/plan.js'
import type { RolloutEvent } from '../../../src/lib/core/event.js'
import { refusalOf } from '../../support/refusal.js'
import { basis, MINUTE, Scene } from '../../support/rollouts.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

describe('a run of days', () => {
  const folder = new TemporaryFolder()
  let events: readonly RolloutEvent[]
  let runs: RunFolder

  before(async () => {
    const scene = new Scene()
    await scene.run(planWatch(basis(), { durationMs: 200 * MINUTE, onBreach: 'exit' }))
    events = scene.journal.events.slice(0, -1)
    assert.ok(events.length > 1100)
  })

  beforeEach(async () => {
    runs = new RunFolder(folder.at('state'))
    const journal = await runs.create('long')
    for (const event of events) await journal.append(event)
    await journal.close()
    await until(() => stat(snapshot()))
  })

  const journal = (): string => folder.at('state', 'runs', 'long.jsonl')
  const snapshot = (): string => folder.at('state', 'runs', 'long.snapshot')

  /** What was folded before the snapshot cannot be read again afterwards: only a snapshot tells it then. */
  async function spoilWhatItStandsFor(): Promise<void> {
    const lines = (await readFile(journal(), 'utf8')).split('\n')
    lines[10] = 'x'.repeat(lines[10]?.length ?? 0)
    await writeFile(journal(), lines.join('\n'))
  }

  it('is taken up without reading each of its events again', async () => {
    await spoilWhatItStandsFor()
    assert.deepEqual(await runs.state('long'), fold(events))
    const { journal: opened, state } = await runs.reopen('long')
    await opened.close()
    assert.deepEqual(state, fold(events))
  })

  it('is told in a list by its first and last events alone', async () => {
    await spoilWhatItStandsFor()
    const outline = await runs.outline('long')
    assert.deepEqual(
      [outline?.plan.id, outline?.startedAt, outline?.end, outline?.seenAt],
      ['test-run', events[0]?.time, null, events.at(-1)?.time],
    )
  })

  it('can be read by its owner alone, the snapshot like the journal', async () => {
    assert.equal((await stat(snapshot())).mode & 0o777, 0o600)
  })

  it('goes on with what comes after the snapshot, and a torn line is cut off as ever', async () => {
    const whole = (await stat(journal())).size
    await truncate(journal(), whole - 20)
    const { journal: opened, state } = await runs.reopen('long')
    const next = events.at(-1)
    assert.ok(next)
    await opened.append(next)
    await opened.close()
    assert.equal(state.seq, events.length - 1)
    assert.equal((await stat(journal())).size, whole)
  })

  const USELESS: Readonly<Record<string, (content: string) => string>> = {
    'is damaged': (content) => content.replace('"seq"', '"seQ"'),
    'is cut off': (content) => content.slice(0, -100),
    'is empty': () => '',
  }

  for (const [what, spoil] of Object.entries(USELESS)) {
    it(`is folded in whole when its snapshot ${what}`, async () => {
      await writeFile(snapshot(), spoil(await readFile(snapshot(), 'utf8')))
      assert.deepEqual(await runs.state('long'), fold(events))
      await spoilWhatItStandsFor()
      assert.equal((await refusalOf(() => runs.state('long'))).code, 'journal-unreadable')
    })
  }

  it('is folded in whole when its snapshot is one of another journal', async () => {
    const shorter = events.slice(0, 500)
    const copy = new RunFolder(folder.at('other'))
    const written = await copy.create('long')
    for (const event of shorter) await written.append(event)
    await written.close()
    await writeFile(journal(), await readFile(folder.at('other', 'runs', 'long.jsonl')))
    assert.deepEqual(await runs.state('long'), fold(shorter))
  })
})

async function until(ready: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await ready()
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}
