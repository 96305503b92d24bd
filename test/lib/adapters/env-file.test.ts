import assert from 'node:assert/strict'
import { unlinkSync, writeFileSync } from 'node:fs'
import { chmod, chown, lstat, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, relative } from 'node:path'
import { EnvFile } from '../../../src/lib/adapters/env-file.js'
import type { Snapshot } from '../../../src/lib/core/server.js'
import { FakeClock } from '../../support/fakes.js'
import { refusalOf } from '../../support/refusal.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

const FILE = '# the server\nOTHER="kept"\nWEBSOCKET_MIGRATION_MODE=disabled\n'
const CONFIGURATION: Snapshot = {
  mode: 'gradual',
  percentage: 5,
  rolloutUsers: ['ann'],
  forceLegacyUsers: null,
  legacyFallback: true,
}
const isSuperuser = process.getuid?.() === 0

describe("the server's environment file", () => {
  const folder = new TemporaryFolder()
  let clock: FakeClock
  let file: EnvFile

  beforeEach(async () => {
    clock = new FakeClock()
    file = new EnvFile(folder.at('.env'), clock)
    await writeFile(file.path, FILE)
  })

  const text = (): Promise<string> => readFile(file.path, 'utf8')
  const backupNames = async (): Promise<string[]> =>
    (await readdir(folder.at())).filter((name) => name.endsWith('.bak')).sort()

  it('is read with the line of each variable, set or not', async () => {
    const lines = await file.read()
    assert.equal(lines.length, 7)
    assert.deepEqual(
      lines.filter(({ line }) => line !== null),
      [{ name: 'WEBSOCKET_MIGRATION_MODE', value: 'disabled', line: 3 }],
    )
  })

  it('is changed in place, with a copy of what was there beside it', async () => {
    await file.write(CONFIGURATION)
    const [head, , , ...added] = (await text()).split('\n')
    assert.equal(head, '# the server')
    assert.ok(added.includes('WEBSOCKET_ROLLOUT_USER_LIST=ann'))
    assert.ok(!added.join('\n').includes('FORCE_LEGACY'), 'a list that is not known is left alone')
    assert.deepEqual(await backupNames(), ['.env.wsctl-20261124T090000.000Z.bak'])
    assert.equal(await readFile((await file.backups())[0] ?? '', 'utf8'), FILE)
  })

  it('is not touched, nor copied, when it says so already', async () => {
    await file.write(CONFIGURATION)
    const before = await stat(file.path)
    assert.equal(await file.set({ WEBSOCKET_MIGRATION_MODE: 'gradual' }), null)
    assert.equal((await stat(file.path)).ino, before.ino)
    assert.equal((await backupNames()).length, 1)
  })

  it('keeps the copy from before a rollout, however many steps change the file', async () => {
    const before = await readFile(file.path, 'utf8')
    for (let percentage = 1; percentage <= 20; percentage++) await file.write({ ...CONFIGURATION, percentage })
    const [copy, ...others] = await backupNames()
    assert.deepEqual(others, [])
    assert.equal(await readFile(folder.at(copy ?? ''), 'utf8'), before)
  })

  it('is copied again within a rollout when somebody else changed it', async () => {
    await file.write({ ...CONFIGURATION, percentage: 1 })
    await writeFile(file.path, `${await readFile(file.path, 'utf8')}BY_HAND=1\n`)
    await file.write({ ...CONFIGURATION, percentage: 2 })
    assert.equal((await backupNames()).length, 2)
  })

  it('knows each list of pinned users that it names, and no other', async () => {
    assert.deepEqual(await file.readPins(), { rolloutUsers: null, forceLegacyUsers: null })
    await file.set({ WEBSOCKET_ROLLOUT_USER_LIST: ' ann , ben x,,ann' })
    assert.deepEqual(await file.readPins(), { rolloutUsers: ['ann', 'ben x', 'ann'], forceLegacyUsers: null })
    await file.set({ WEBSOCKET_FORCE_LEGACY_USERS: '' })
    assert.deepEqual(await file.readPins(), { rolloutUsers: ['ann', 'ben x', 'ann'], forceLegacyUsers: [] })
  })

  it('gives ids with odd characters back as they were written', async () => {
    const rolloutUsers = ['a b', "o'neil", 'say"hi"', 'c#1', '$HOME', 'back\\slash', 'müller', '日本', 'a=b', '`x`']
    for (const id of rolloutUsers) {
      await file.write({ ...CONFIGURATION, rolloutUsers: [id], forceLegacyUsers: ['x', id] })
      assert.deepEqual(await file.readPins(), { rolloutUsers: [id], forceLegacyUsers: ['x', id] }, id)
    }
  })

  it('keeps its mode, and gives it to the copy', async () => {
    await chmod(file.path, 0o640)
    await file.write(CONFIGURATION)
    assert.equal((await stat(file.path)).mode & 0o7777, 0o640)
    assert.equal((await stat((await file.backups())[0] ?? '')).mode & 0o7777, 0o640)
  })

  it('keeps its owner', async function () {
    if (!isSuperuser) this.skip()
    await chown(file.path, 1234, 4321)
    await file.write(CONFIGURATION)
    const { uid, gid } = await stat(file.path)
    assert.deepEqual([uid, gid], [1234, 4321])
  })

  it('is replaced, never written half: whoever has it open goes on reading the old one', async () => {
    const before = await stat(file.path)
    await file.write(CONFIGURATION)
    assert.notEqual((await stat(file.path)).ino, before.ino)
    assert.deepEqual((await readdir(folder.at())).sort(), ['.env', ...(await backupNames())], 'nothing else is left')
  })

  it('stays a symbolic link, and the file behind it is changed', async () => {
    await mkdir(folder.at('shared'))
    await writeFile(folder.at('shared', 'chat.env'), FILE)
    await symlink('shared/chat.env', folder.at('link'))
    const linked = new EnvFile(folder.at('link'), clock)
    const backup = await linked.set({ WEBSOCKET_MIGRATION_MODE: 'full' })
    assert.ok((await lstat(linked.path)).isSymbolicLink())
    assert.equal(await readlink(linked.path), 'shared/chat.env')
    assert.match(await readFile(folder.at('shared', 'chat.env'), 'utf8'), /MODE=full/)
    assert.match(relative(folder.at(), backup ?? ''), /^shared\/chat\.env\.wsctl-/)
    assert.deepEqual(await linked.backups(), [backup])
  })

  it('is left alone when its write bits were taken away, whoever runs wsctl', async () => {
    await chmod(file.path, 0o444)
    const error = await refusalOf(() => file.write(CONFIGURATION))
    assert.equal(error.code, 'env-file-read-only')
    assert.match(error.suggestions.join(), /chmod u\+w/)
    assert.equal(await text(), FILE)
    assert.deepEqual(await backupNames(), [])
  })

  const unusable: readonly (readonly [string, (path: string) => unknown, string, RegExp])[] = [
    ['is missing', () => undefined, 'env-file-missing', /does not exist/],
    ['is a folder', (path) => mkdir(path), 'env-file-unusable', /is a folder/],
    ['is a link to itself', (path) => symlink(basename(path), path), 'env-file-unusable', /link to itself/],
    ['is a device', (path) => symlink('/dev/zero', path), 'env-file-unreadable', /no regular file/],
    ['holds NUL bytes', (path) => writeFile(path, 'A=1\0\n'), 'env-file-unreadable', /NUL/],
    ['is not UTF-8', (path) => writeFile(path, Buffer.from('A=m\xfcller\n', 'latin1')), 'env-file-unreadable', /UTF-8/],
    ['is huge', (path) => writeFile(path, 'x'.repeat(1024 * 1024 + 1)), 'env-file-unreadable', /larger than/],
  ]
  for (const [what, make, code, message] of unusable) {
    it(`is a clear complaint, for reading and writing alike, when it ${what}`, async () => {
      const path = folder.at('odd.env')
      await make(path)
      const odd = new EnvFile(path, clock)
      for (const act of [() => odd.read(), () => odd.readPins(), () => odd.write(CONFIGURATION), () => odd.backup()]) {
        const error = await refusalOf(act)
        assert.equal(error.code, code)
        assert.match(error.message, message)
        assert.ok(error.message.includes(path))
        assert.equal(error.exitCode, 2)
        assert.match(error.suggestions.join(), /--env-file/)
      }
    })
  }

  /** Does something between the reading and the writing: the time is asked for in between. */
  function whileEditing(act: () => void): EnvFile {
    return new EnvFile(file.path, {
      wallTime: () => {
        act()
        return clock.wallTime()
      },
    })
  }

  it('keeps an edit that somebody else made meanwhile', async () => {
    let edits = 1
    const busy = whileEditing(() => {
      if (edits-- > 0) writeFileSync(file.path, `${FILE}THEIRS=1\n`)
    })
    await busy.set({ WEBSOCKET_MIGRATION_MODE: 'full' })
    assert.match(await text(), /MODE=full\nTHEIRS=1\n/)
  })

  it('is left alone when somebody else does not stop editing it', async () => {
    let edits = 0
    const busy = whileEditing(() => writeFileSync(file.path, `${FILE}THEIRS=${edits++}\n`))
    const error = await refusalOf(() => busy.set({ WEBSOCKET_MIGRATION_MODE: 'full' }))
    assert.equal(error.code, 'env-file-busy')
    assert.match(await text(), /MODE=disabled\nTHEIRS=/)
  })

  it('is a complaint, not a crash, when it is deleted in the middle of an edit', async () => {
    const vanishing = whileEditing(() => unlinkSync(file.path))
    const error = await refusalOf(() => vanishing.set({ WEBSOCKET_MIGRATION_MODE: 'full' }))
    assert.equal(error.code, 'env-file-missing')
  })

  describe('copies', () => {
    it('are named by the time; the newest ten are kept', async () => {
      const made: string[] = []
      for (let count = 0; count < 12; count++) {
        made.push(await file.backup())
        clock.pass(1000)
      }
      assert.deepEqual(await file.backups(), made.slice(2).reverse())
    })

    it('are told apart when they are made at the same time', async () => {
      const made = [await file.backup(), await file.backup(), await file.backup()]
      assert.deepEqual(await file.backups(), [...made].reverse())
    })

    it('stay in the order in which they were made when the clock is set back', async () => {
      const late = new EnvFile(file.path, { wallTime: () => new Date('2030-01-01T00:00:00Z') })
      for (let count = 0; count < 10; count++) await late.backup()
      await writeFile(file.path, 'A=newest\n')
      const newest = await file.backup()
      assert.equal((await file.backups())[0], newest)
      assert.equal(await readFile(newest, 'utf8'), 'A=newest\n')
      assert.equal((await file.backups()).length, 10)
    })

    it('of other files, and files that only look like copies, are never dropped or brought back', async () => {
      const others = ['.env.wsctl-mine.bak', '.env.wsctl-20200101.bak', '.env.old', '.env2.wsctl-x.bak']
      for (const name of others) await writeFile(folder.at(name), 'WEBSOCKET_MIGRATION_MODE=full\n')
      for (let count = 0; count < 12; count++) await file.backup()
      const names = await readdir(folder.at())
      assert.ok(others.every((name) => names.includes(name)))
      assert.ok((await file.backups()).every((path) => !others.includes(basename(path))))
    })
  })

  describe('restoring', () => {
    it('brings back the newest copy, and copies first what it replaces', async () => {
      const copy = await file.backup()
      clock.pass(1000)
      await writeFile(file.path, 'WEBSOCKET_MIGRATION_MODE=full\n')
      const { from, backup } = await file.restore()
      assert.equal(from, copy)
      assert.equal(await text(), FILE)
      assert.equal(await readFile(backup ?? '', 'utf8'), 'WEBSOCKET_MIGRATION_MODE=full\n')
    })

    it('undoes itself when it is done again', async () => {
      await file.write(CONFIGURATION)
      const changed = await text()
      await file.restore()
      assert.equal(await text(), FILE)
      await file.restore()
      assert.equal(await text(), changed)
    })

    it('brings back a named copy byte for byte, marks and line endings included', async () => {
      const bytes = '\uFEFFWEBSOCKET_MIGRATION_MODE=full\r\nA=1'
      await writeFile(folder.at('mine.bak'), bytes)
      await file.restore(folder.at('mine.bak'))
      assert.equal(await text(), bytes)
    })

    it('is refused without a copy, with one that is missing, and with a file that is none', async () => {
      assert.equal((await refusalOf(() => file.restore())).code, 'env-no-backup')
      assert.equal((await refusalOf(() => file.restore(folder.at('gone')))).code, 'env-file-missing')
      await writeFile(folder.at('notes.txt'), 'nothing of the server\n')
      assert.equal((await refusalOf(() => file.restore(folder.at('notes.txt')))).code, 'env-not-a-backup')
      assert.equal(await text(), FILE)
      assert.deepEqual(await backupNames(), [])
    })

    it('changes nothing when the file is as the copy already', async () => {
      await file.backup()
      assert.equal((await file.restore()).backup, null)
      assert.equal((await backupNames()).length, 1)
    })
  })
})
