import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { appendFile, chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { fold } from '../../../src/lib/core/fold.js'
import { RunFolder } from '../../../src/lib/adapters/run-folder.js'
import type { RolloutEvent } from '../../../src/lib/core/event.js'
import { refusalOf } from '../../support/refusal.js'
import { gradual, Scene } from '../../support/rollouts.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

/** The events of a whole run. */
async function recorded(): Promise<readonly RolloutEvent[]> {
  const scene = new Scene()
  await scene.run(gradual())
  return scene.journal.events
}

describe('the records of runs', () => {
  const folder = new TemporaryFolder()
  let runs: RunFolder
  let events: readonly RolloutEvent[]

  before(async () => {
    events = await recorded()
  })

  beforeEach(() => {
    runs = new RunFolder(folder.at('state'))
  })

  const path = (id: string): string => folder.at('state', 'runs', `${id}.jsonl`)

  async function record(id: string, lines: readonly RolloutEvent[] = events): Promise<void> {
    const journal = await runs.create(id)
    for (const event of lines) await journal.append(event)
    await journal.close()
  }

  it('give back every event of a run as it was, and the state that follows from them', async () => {
    await record('20261124-090000-aaaa')
    assert.deepEqual(await runs.events('20261124-090000-aaaa'), await parsed('20261124-090000-aaaa'))
    assert.equal((await runs.events('20261124-090000-aaaa')).length, events.length)
    assert.deepEqual(await runs.state('20261124-090000-aaaa'), fold(events))
  })

  async function parsed(id: string): Promise<unknown[]> {
    const lines = (await readFile(path(id), 'utf8')).trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line) as unknown)
  }

  it('are on disk as soon as an event has been taken, not only when the run ends', async () => {
    const journal = await runs.create('a')
    for (const [index, event] of events.slice(0, 3).entries()) {
      await journal.append(event)
      assert.equal((await runs.events('a')).length, index + 1)
    }
    await journal.close()
  })

  it('can be read by their owner alone', async () => {
    await record('a')
    assert.equal((await stat(folder.at('state', 'runs'))).mode & 0o777, 0o700)
    assert.equal((await stat(path('a'))).mode & 0o777, 0o600)
  })

  it('list runs newest first, and none before the first', async () => {
    assert.deepEqual(await runs.ids(), [])
    const ids = ['20261124-090000-ffff', '20261124-090001-0000', '20261231-000000-aaaa', '20270101-000000-0000']
    for (const id of [ids[2], ids[0], ids[3], ids[1]]) await record(id ?? '')
    await writeFile(folder.at('state', 'runs', 'notes.txt'), '')
    assert.deepEqual(await runs.ids(), [...ids].reverse())
  })

  it('find a run by the beginning of its id', async () => {
    for (const id of ['20261124-090000-aaaa', '20261124-090000-aaab', '20261125-090000-aaaa']) await record(id)
    assert.equal(await runs.find('20261125'), '20261125-090000-aaaa')
    assert.equal(await runs.find('20261124-090000-aaab'), '20261124-090000-aaab')
    const ambiguous = await refusalOf(() => runs.find('20261124'))
    assert.equal(ambiguous.code, 'ambiguous-run')
    assert.match(ambiguous.message, /fits 2 runs: 20261124-090000-aaab, 20261124-090000-aaaa/)
    const none = await refusalOf(() => runs.find('2025'))
    assert.equal(none.code, 'no-such-run')
    assert.match(none.suggestions.join(), /wsctl history/)
    assert.equal((await refusalOf(() => runs.find('../../etc'))).code, 'no-such-run')
  })

  it('take the whole id for the run even when it begins another', async () => {
    await record('a-1')
    await record('a-12')
    assert.equal(await runs.find('a-1'), 'a-1')
  })

  it('leave out a last line that was torn by a crash, at whichever character', async () => {
    await record('a', events.slice(0, 4))
    const whole = await readFile(path('a'), 'utf8')
    const start = whole.lastIndexOf('\n', whole.length - 2) + 1
    for (const end of [start + 1, start + 20, whole.length - 2, whole.length - 1]) {
      await writeFile(path('a'), whole.slice(0, end))
      assert.equal((await runs.events('a')).length, 3)
    }
    await appendFile(path('a'), '\0'.repeat(512))
    assert.equal((await runs.events('a')).length, 3, 'blocks that were never filled')
  })

  it('hold no state when not even the beginning was written', async () => {
    await record('a', [])
    assert.equal(await runs.state('a'), null)
    await record('b', events.slice(1, 3))
    assert.equal(await runs.state('b'), null)
  })

  it('of a newer wsctl are refused, not misread', async () => {
    await record('a')
    const text = await readFile(path('a'), 'utf8')
    await writeFile(path('a'), text.replaceAll('wsctl/event@1', 'wsctl/event@2'))
    const error = await refusalOf(() => runs.events('a'))
    assert.equal(error.code, 'journal-newer')
    assert.match(error.message, /format 2, this one reads 1/)
    assert.equal(error.exitCode, 13)
  })

  it('with a line that is no event are refused, whatever the line is', async () => {
    await record('a')
    const text = await readFile(path('a'), 'utf8')
    for (const line of ['{}', 'null', '7', '{"schema":"wsctl/event@1"}', 'not json', text.slice(0, 50)]) {
      await writeFile(path('a'), `${text}${line}\n${text}`)
      assert.equal((await refusalOf(() => runs.events('a'))).code, 'journal-unreadable', line)
    }
  })

  it('name the file and the line that is damaged, and what can still be done', async () => {
    await record('a')
    const lines = (await readFile(path('a'), 'utf8')).split('\n')
    const first = lines[2]?.indexOf('"type"') ?? 0
    for (const [damage, expected] of [
      ['##', /it is no JSON object; expected {"schema":"wsctl\/event@1"/],
      [`${lines[2]?.slice(0, first) ?? ''}"type":"exploded"}`, /type: Invalid/],
    ] as const) {
      await writeFile(path('a'), lines.with(2, damage).join('\n'))
      for (const read of [() => runs.events('a'), () => runs.state('a'), () => runs.reopen('a')]) {
        const error = await refusalOf(read)
        assert.ok(error.message.startsWith(`${path('a')}:3: `), error.message)
        assert.match(error.message, expected)
        for (const next of [`sed -n 3p ${path('a')}`, 'wsctl history a', 'cannot be taken up', 'rollback emergency']) {
          assert.ok(
            error.suggestions.some((line) => line.includes(next)),
            next,
          )
        }
      }
    }
    const { events: whole, damage } = await runs.eventsUntilDamage('a')
    assert.deepEqual([whole.length, damage?.code], [2, 'journal-unreadable'])
  })

  it('name the line in a file of which only the end was read, and one that comes while it is followed', async () => {
    await record('a', events.slice(0, 5))
    await writeFile(path('a'), (await readFile(path('a'), 'utf8')).repeat(40))
    assert.ok((await stat(path('a'))).size > 64 * 1024)
    await appendFile(path('a'), '##\n')
    assert.match((await refusalOf(() => runs.glance('a'))).message, /a\.jsonl:201: /)

    await record('b', events.slice(0, 3))
    const followed = runs.follow('b', { clock: { sleep: async () => undefined }, signal: new AbortController().signal })
    const first = await followed.next()
    assert.ok(first.done !== true)
    assert.equal(first.value.length, 3)
    await appendFile(path('b'), '##\n')
    assert.match((await refusalOf(() => followed.next())).message, /b\.jsonl:4: /)
  })

  it('are never written over', async () => {
    await record('a')
    const error = await refusalOf(() => runs.create('a'))
    assert.equal(error.code, 'journal-unwritable')
    assert.equal((await runs.events('a')).length, events.length)
  })

  it('are a clear complaint before anything is sent when the folder cannot be made', async () => {
    await writeFile(folder.at('state'), 'a file')
    const error = await refusalOf(() => runs.create('a'))
    assert.equal(error.code, 'journal-unwritable')
    assert.equal(error.exitCode, 2)
    assert.match(error.message, /cannot be written: ENOTDIR/)
    assert.match(error.suggestions.join(), /--state-dir/)
    assert.equal((await refusalOf(() => runs.ids())).code, 'journal-unreadable')
  })

  it('are a clear complaint when the folder may not be written', async function () {
    if (process.getuid?.() === 0) this.skip()
    await mkdir(folder.at('state', 'runs'), { recursive: true })
    await chmod(folder.at('state', 'runs'), 0o500)
    assert.equal((await refusalOf(() => runs.create('a'))).code, 'journal-unwritable')
  })

  it('stay readable when the disk fills up in the middle of a line', async () => {
    await writeFile(folder.at('events.json'), JSON.stringify(events.slice(0, 5)))
    const script = `
      import { readFileSync } from 'node:fs'
      import { RunFolder } from './src/lib/adapters/run-folder.ts'
      const journal = await new RunFolder(${JSON.stringify(folder.at('state'))}).create('a')
      const [first, ...rest] = JSON.parse(readFileSync(${JSON.stringify(folder.at('events.json'))}, 'utf8'))
      for (const event of [first, ...rest, { ...first, operator: 'x'.repeat(20_000) }, rest.at(-1)]) {
        await journal.append(event).then(() => process.stdout.write('+'), () => process.stdout.write('-'))
      }
      await journal.close()`
    // The shell lets no file grow beyond a limit, and a write that meets it is cut short.
    const limited = `trap '' XFSZ; ulimit -f 16; exec "$0" --import tsx --input-type=module -e "$1"`
    const { stdout, stderr } = spawnSync('bash', ['-c', limited, process.execPath, script], {
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      encoding: 'utf8',
      env: { ...process.env, TSX_DISABLE_CACHE: '1' },
    })
    assert.equal(stdout, '+++++-+', stderr)
    assert.deepEqual(
      (await runs.events('a')).map(({ seq }) => seq),
      [1, 2, 3, 4, 5, 5],
    )
  })
})
