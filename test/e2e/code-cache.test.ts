import assert from 'node:assert/strict'
import { chmod, cp, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ENTRY, Shell, type Ending } from '../support/wsctl.js'

const ROOT = join(ENTRY, '..', '..')

describe('what was compiled once', function () {
  this.timeout(60_000)
  let shell: Shell
  let folder: string

  before(function () {
    // Newer ones keep it themselves, in a form of their own.
    if (Number(process.versions.node.split('.')[0]) >= 22 || process.platform !== 'linux') this.skip()
  })
  beforeEach(async () => {
    shell = await Shell.open()
    folder = join(shell.folder, '.cache', 'wsctl')
  })
  afterEach(() => shell.close())

  async function version(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const ending = await shell.run(['--version'], environment)
    assertVersion(ending)
  }

  function assertVersion({ code, stdout, stderr }: Ending): void {
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.match(stdout, /^wsctl\/\d/)
  }

  async function onlyFile(): Promise<string> {
    const names = await readdir(folder)
    assert.equal(names.length, 1, names.join())
    return join(folder, names[0] ?? '')
  }

  /** Tells a file that was put in its place from the one before. */
  const identity = async (path: string): Promise<number> => (await stat(path)).ino

  it('is kept for this user alone, and used again', async () => {
    await version()
    assert.equal((await stat(folder)).mode & 0o777, 0o700)
    const path = await onlyFile()
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    const before = await identity(path)
    await version()
    assert.equal(await identity(await onlyFile()), before)
  })

  it('is made anew when it is damaged, anywhere', async () => {
    await version()
    const path = await onlyFile()
    const whole = await readFile(path)
    const flawed = [0, 5, 40, Math.floor(whole.length / 2), whole.length - 1].map((at) => {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] ?? 0) ^ 0xff
      return bytes
    })
    for (const bytes of [...flawed, whole.subarray(0, whole.length / 2), Buffer.alloc(0), Buffer.from('abc')]) {
      await writeFile(path, bytes)
      const before = await identity(path)
      await version()
      assert.notEqual(await identity(await onlyFile()), before)
    }
  })

  it('is not taken for that of another build or another Node', async () => {
    await version()
    const path = await onlyFile()
    await rename(path, join(folder, 'of-another-build'))
    await version()
    assert.deepEqual(new Set(await readdir(folder)), new Set([path.slice(folder.length + 1), 'of-another-build']))
  })

  it('is not believed when somebody else could have written it', async () => {
    await version()
    const path = await onlyFile()
    await chmod(path, 0o666)
    const before = await identity(path)
    await version()
    assert.notEqual(await identity(await onlyFile()), before)
  })

  it('is not kept in a folder to which others may write', async () => {
    await mkdir(folder, { recursive: true })
    await chmod(folder, 0o777)
    await version()
    assert.deepEqual(await readdir(folder), [])
  })

  it('is done without where it cannot be kept', async () => {
    await writeFile(join(shell.folder, 'file'), '')
    await version({ XDG_CACHE_HOME: join(shell.folder, 'file') })
    await version({ XDG_CACHE_HOME: '/proc/nowhere' })
  })

  it('is the only thing that is written: the package may be read-only', async () => {
    const copy = join(shell.folder, 'package')
    for (const part of ['bin', 'dist', 'docs/schemas', 'oclif.manifest.json', 'package.json']) {
      await cp(join(ROOT, part), join(copy, part), { recursive: true })
    }
    const inside = async () => (await readdir(copy, { recursive: true })).sort()
    const before = await inside()
    for (const name of before) await chmod(join(copy, name), (await stat(join(copy, name))).mode & 0o555)
    const started = shell.start(
      ['-c', '"$0" --version && "$0" explain gradual && "$0" completion bash', join(copy, 'bin/run.js')],
      {},
      '/bin/sh',
    )
    const { code, stdout, stderr } = await started.ended
    for (const name of before) await chmod(join(copy, name), (await stat(join(copy, name))).mode | 0o200)
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.match(stdout, /^wsctl\/\d[^]*gradual[^]*complete/i)
    assert.deepEqual(await inside(), before)
  })
})
