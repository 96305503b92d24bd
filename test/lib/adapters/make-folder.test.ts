import assert from 'node:assert/strict'
import { stat, writeFile } from 'node:fs/promises'
import { makeFolder } from '../../../src/lib/adapters/make-folder.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

describe('a folder for records', () => {
  const folder = new TemporaryFolder()

  it('is made with those above it, for its owner alone, and may be there already', async () => {
    for (let time = 1; time <= 2; time++) await makeFolder(folder.at('a', 'b', 'c'))
    await Promise.all([1, 2, 3].map(() => makeFolder(folder.at('x', 'y'))))
    if (process.platform !== 'win32') assert.equal((await stat(folder.at('a', 'b'))).mode & 0o777, 0o700)
  })

  it('fails where a file is in its place', async () => {
    await writeFile(folder.at('file'), '')
    await assert.rejects(makeFolder(folder.at('file')), /EEXIST/)
    await assert.rejects(makeFolder(folder.at('file', 'below')), /ENOTDIR/)
  })

  it('fails at once where none can be made, rather than never', async function () {
    if (process.platform !== 'linux') this.skip()
    await assert.rejects(makeFolder('/proc/nope/runs'), /ENOENT/)
  })
})
