import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { readUserList } from '../../../src/lib/cli/user-lists.js'
import { refusalOf } from '../../support/refusal.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

describe('a list of users from a file', () => {
  const folder = new TemporaryFolder()

  async function fromFile(content: string | Buffer, ...more: readonly string[]): Promise<readonly string[]> {
    await writeFile(folder.at('users'), content)
    return readUserList('--rollout-users', [`@${folder.at('users')}`, ...more])
  }

  it('takes lines, commas and spaces, whatever the line ending, a byte order mark, no last line end', async () => {
    for (const text of ['ann\nben\ncat\n', 'ann\r\nben\r\n\r\ncat', '\uFEFFann, ben\n  cat\n', 'ann,\nben,\ncat']) {
      assert.deepEqual(await fromFile(text), ['ann', 'ben', 'cat'])
    }
  })

  it('can be mixed with ids', async () => {
    assert.deepEqual(await fromFile('ann ben\n', 'ben', 'cat,dan'), ['ann', 'ben', 'cat', 'dan'])
  })

  it('names nobody when it is empty', async () => {
    assert.deepEqual(await fromFile('\n'), [])
  })

  it('is a clear complaint when it is missing or a folder', async () => {
    for (const path of [folder.at('gone'), folder.at()]) {
      const error = await refusalOf(() => readUserList('--rollout-users', [`@${path}`]))
      assert.equal(error.exitCode, 2)
      assert.ok(error.message.startsWith(`--rollout-users @${path}: the file cannot be read`))
    }
  })

  it('is refused when it is not UTF-8: an id read wrongly would unpin the user who is meant', async () => {
    const error = await refusalOf(() => fromFile(Buffer.from('müller\n', 'latin1')))
    assert.match(error.message, /cannot be read/)
  })

  it('is refused with NUL bytes or an id between two commas that is none', async () => {
    await refusalOf(() => fromFile('ann\0ben'))
    await refusalOf(() => fromFile('ann,\n,ben'))
  })
})
