import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { appendOutputs, appendSummary } from '../../../src/lib/adapters/step-files.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

const MIB = 1024 * 1024

/** Reads outputs as GitHub does: `name<<mark`, lines, mark. */
function outputsOf(text: string): Readonly<Record<string, string>> {
  const outputs: Record<string, string> = {}
  const lines = text.split('\n')
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const [, name, mark] = /^([\w-]+)<<(.+)$/.exec(line) ?? []
    if (name === undefined || mark === undefined) continue
    const end = lines.indexOf(mark)
    assert.notEqual(end, -1, `${name} has no end`)
    outputs[name] = lines
      .splice(0, end + 1)
      .slice(0, -1)
      .join('\n')
  }
  return outputs
}

describe('the files of a step in GitHub Actions', () => {
  const folder = new TemporaryFolder()

  it('get a summary added to what other commands of the step wrote', async () => {
    const path = folder.at('summary')
    await writeFile(path, 'of another tool, without a last line end')
    await appendSummary(path, '### one\n')
    await appendSummary(path, '### two\n')
    assert.equal(await readFile(path, 'utf8'), 'of another tool, without a last line end\n### one\n\n### two\n')
  })

  it('never grow beyond what GitHub shows: a summary is cut between lines, and says so', async () => {
    const path = folder.at('summary')
    await writeFile(path, 'x'.repeat(MIB - 2000))
    await appendSummary(path, `### first\n${'é|\n'.repeat(10_000)}`)
    const content = await readFile(path)
    assert.ok(content.length <= MIB)
    assert.ok(content.length > MIB - 100)
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content)
    assert.match(text, /x\n### first\n(é\|\n)+/)
    assert.match(text, /\n\n… cut off: a summary may be no longer than 1 MiB\n$/)
  })

  it('are left alone when there is no room', async () => {
    for (const length of [MIB - 20, MIB, MIB + 1]) {
      const path = folder.at(`summary-${length}`)
      await writeFile(path, 'x'.repeat(length))
      await assert.rejects(appendSummary(path, '### one\n### two\n### three\n'), /no room left/)
      assert.equal((await stat(path)).size, length)
    }
  })

  it('get outputs that nothing in a value can end or add to', async () => {
    const path = folder.at('output')
    await writeFile(path, 'earlier=1')
    const outputs = { outcome: 'completed', reason: 'a\nevil=1\nother<<EOF\nx\nEOF', percentage: '' }
    await appendOutputs(path, outputs)
    const text = await readFile(path, 'utf8')
    assert.ok(text.startsWith('earlier=1\n'))
    assert.deepEqual(outputsOf(text), outputs)
  })

  it('fail at once when they cannot be written, even if they are a pipe that nobody reads', async () => {
    await mkdir(folder.at('folder'))
    execFileSync('mkfifo', [folder.at('pipe')])
    for (const path of [folder.at('folder'), folder.at('missing', 'summary'), folder.at('pipe')])
      await assert.rejects(appendSummary(path, 'text'), path)
  })
})
