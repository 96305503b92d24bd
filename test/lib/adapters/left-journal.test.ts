import assert from 'node:assert/strict'
import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises'
import { fold } from '../../../src/lib/core/fold.js'
import { RunFolder } from '../../../src/lib/adapters/run-folder.js'
import type { RolloutEvent } from '../../../src/lib/core/event.js'
import { refusalOf } from '../../support/refusal.js'
import { Story } from '../../support/events.js'
import { gradual, Scene } from '../../support/rollouts.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

describe('the journal of a run that was left', () => {
  const folder = new TemporaryFolder()
  const path = (): string => folder.at('state', 'runs', 'a.jsonl')
  let runs: RunFolder
  let events: readonly RolloutEvent[]

  before(async () => {
    const scene = new Scene()
    await scene.run(gradual({ maxPercentage: 20 }))
    events = scene.journal.events
  })

  beforeEach(() => {
    runs = new RunFolder(folder.at('state'))
  })

  async function record(lines: readonly RolloutEvent[]): Promise<string> {
    const journal = await runs.create('a')
    for (const event of lines) await journal.append(event)
    await journal.close()
    return readFile(path(), 'utf8')
  }

  it('is gone on with where it ended, and folds to the same run as an undisturbed one', async () => {
    await record(events.slice(0, 12))
    const { journal, state } = await runs.reopen('a')
    assert.deepEqual(state, fold(events.slice(0, 12)))
    for (const event of events.slice(12)) await journal.append(event)
    await journal.close()
    assert.deepEqual(await runs.state('a'), fold(events))
  })

  it('loses a line that was torn and keeps the others byte for byte, wherever it was torn', async () => {
    const text = await record(events.slice(0, 6))
    const start = text.lastIndexOf('\n', text.length - 2) + 1
    for (const end of [start, start + 1, start + 40, text.length - 1]) {
      await writeFile(path(), text.slice(0, end))
      const { journal, state } = await runs.reopen('a')
      assert.equal(state.seq, 5)
      const [next] = events.slice(5)
      if (next) await journal.append(next)
      await journal.close()
      assert.equal(await readFile(path(), 'utf8'), text)
    }
  })

  it('loses blocks that were never filled', async () => {
    const text = await record(events.slice(0, 6))
    await appendFile(path(), '\0'.repeat(4096))
    const { journal } = await runs.reopen('a')
    await journal.close()
    assert.equal(await readFile(path(), 'utf8'), text)
  })

  it('is refused and stays as it is when a newer wsctl wrote it', async () => {
    const text = (await record(events.slice(0, 6))).replaceAll('wsctl/event@1', 'wsctl/event@2').slice(0, -10)
    await writeFile(path(), text)
    const error = await refusalOf(() => runs.reopen('a'))
    assert.equal(error.code, 'journal-newer')
    assert.equal(error.exitCode, 13)
    assert.match(error.message, /newer wsctl/)
    assert.equal(await readFile(path(), 'utf8'), text)
  })

  it('is refused when not even its beginning was written', async () => {
    const text = await record(events.slice(0, 1))
    await truncate(path(), text.length - 1)
    assert.equal((await refusalOf(() => runs.reopen('a'))).code, 'journal-unreadable')
    assert.equal((await refusalOf(() => runs.plan('a'))).code, 'journal-unreadable')
    assert.equal(await runs.glance('a'), null)
    await truncate(path(), 0)
    assert.equal(await runs.glance('a'), null)
    assert.equal(await runs.glance('b'), null)
  })

  it('tells by its end where the run was and since when it is not watched', async () => {
    const applied = events.findIndex((event) => event.type === 'step-applied')
    await record(events.slice(0, applied + 1))
    const first = await runs.glance('a')
    assert.deepEqual(first, { end: null, seenAt: events[applied]?.time, percentage: 5, isRollingBack: false })
    assert.deepEqual((await runs.plan('a')).steps.length, 2)
  })

  it('tells the same from a long journal', async () => {
    await writeFile(path(), (await record(events.slice(0, -1))).repeat(20))
    const glance = await runs.glance('a')
    assert.deepEqual(glance, { end: null, seenAt: events.at(-2)?.time, percentage: 20, isRollingBack: false })
  })

  it('tells the same from a line that is longer than others are together', async () => {
    const pins = { rolloutUsers: Array.from({ length: 9000 }, (_, index) => `user-${index}`), forceLegacyUsers: [] }
    const before = { mode: 'gradual', percentage: 15, legacyFallback: true, ...pins } as const
    await record([new Story(gradual({ initialPercentage: 15 }, { pins, before })).last.event])
    assert.equal((await runs.glance('a'))?.percentage, 15)
  })

  it('tells that it came to its end', async () => {
    await record(events)
    assert.equal((await runs.glance('a'))?.end?.outcome, 'completed')
  })
})
