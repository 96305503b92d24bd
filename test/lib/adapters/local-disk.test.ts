import assert from 'node:assert/strict'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isOnLocalDisk } from '../../../src/lib/adapters/local-disk.js'

describe('whether a folder is on a disk of this machine', () => {
  let folder = ''

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'wsctl-disk-')))
  })
  afterEach(() => rm(folder, { recursive: true }))

  /** As the answer of a machine with these mounts, beside that of `/`. */
  async function isLocal(path: string, mounts: Readonly<Record<string, string>> = {}, root = 'ext4'): Promise<boolean> {
    const rows = Object.entries({ '/': root, ...mounts }).map(
      ([place, type], id) => `${id} 1 0:${id} / ${place} rw,relatime shared:${id} - ${type} source rw`,
    )
    const table = join(folder, 'mountinfo')
    await writeFile(table, `${rows.join('\n')}\n`)
    return isOnLocalDisk(path, table)
  }

  it('is so below a local mount, also for one that is still to be made', async () => {
    assert.ok(await isLocal(folder))
    assert.ok(await isLocal(join(folder, 'not', 'there')))
    assert.ok(await isLocal(folder, { [folder]: 'xfs' }, 'overlay'))
  })

  it('is not so below a network, another program or what nobody knows', async () => {
    for (const type of ['nfs4', 'cifs', 'fuse.sshfs', 'autofs', '9p', 'unheard-of']) {
      assert.ok(!(await isLocal(join(folder, 'state'), { [folder]: type })), type)
    }
    assert.ok(!(await isLocal(folder, {}, 'nfs')))
  })

  it('is a matter of the place that a link leads to, however it is written', async () => {
    await mkdir(join(folder, 'far'))
    await mkdir(join(folder, 'near'))
    await symlink(join(folder, 'far'), join(folder, 'absolute'))
    await symlink('../near/../far', join(folder, 'near', 'relative'))
    const mounts = { [join(folder, 'far')]: 'nfs' }
    assert.ok(!(await isLocal(join(folder, 'absolute', 'state'), mounts)))
    assert.ok(!(await isLocal(join(folder, 'near', 'relative'), mounts)))
    assert.ok(await isLocal(join(folder, 'near'), mounts))
  })

  it('is not said of links that never end, nor where the table of mounts is missing', async () => {
    await symlink('round', join(folder, 'round'))
    assert.ok(!(await isLocal(join(folder, 'round'))))
    assert.ok(!isOnLocalDisk(folder, join(folder, 'no-table')))
  })

  it('goes by the mount that covers the others, and by names with spaces', async () => {
    await mkdir(join(folder, 'my state'))
    assert.ok(!(await isLocal(join(folder, 'my state'), { [`${folder}/my\\040state`]: 'nfs' })))
    const table = join(folder, 'mountinfo')
    const row = (type: string): string => `2 1 0:2 / ${folder} rw - ${type} source rw\n`
    await writeFile(table, `1 0 0:1 / / rw - ext4 source rw\n${row('nfs')}${row('tmpfs')}`)
    assert.ok(isOnLocalDisk(folder, table))
  })
})
