import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Config, type Command } from '@oclif/core'
import WsctlHelp from '../../../src/lib/cli/help.js'
import { errorDocument } from '../../../src/lib/contract/error.js'
import { WsctlError } from '../../../src/lib/core/error.js'
import { exitCodeOf, OUTCOMES } from '../../../src/lib/core/outcome.js'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Exit codes, outcomes and meanings, as rows of text. */
const TABLE = OUTCOMES.map(({ exitCode, outcome, meaning }) => [String(exitCode), outcome, meaning])

/** The help, kept instead of printed. */
class QuietHelp extends WsctlHelp {
  text = ''

  protected override log(...args: string[]): void {
    this.text += `${args.join(' ')}\n`
  }

  async root(): Promise<string> {
    await this.showRootHelp()
    return this.text
  }
}

function rowsOfHelp(text: string): readonly (readonly string[])[] {
  const section = text.slice(text.indexOf('EXIT CODES'))
  return [...section.matchAll(/^\s+(\d+) {2}(\S+) +(\S.*)$/gm)].map(([, ...cells]) => cells)
}

describe('the exit codes', () => {
  let help: QuietHelp
  let command: Command.Loadable

  before(async () => {
    const config = await Config.load({ root: ROOT.replace(/\/$/, '') })
    help = new QuietHelp(config, { stripAnsi: true })
    const found = config.findCommand('deploy:gradual')
    assert.ok(found)
    command = found
  })

  it('are told in the help of wsctl and of each command as they are', async () => {
    assert.deepEqual(rowsOfHelp(await help.root()), TABLE)
    assert.deepEqual(rowsOfHelp(help.formatCommand(command)), TABLE)
  })

  it('are told in the README as they are', async () => {
    const readme = await readFile(`${ROOT}/README.md`, 'utf8')
    const section = /<!-- exit codes -->\n([^]*?)<!-- exit codes end -->/.exec(readme)?.[1] ?? ''
    const rows = [...section.matchAll(/^\| (\d+) \| `([^`]+)` \| (.+) \|$/gm)].map(([, ...cells]) => cells)
    assert.deepEqual(rows, TABLE)
  })

  it('are told in the published schemas as they are', async () => {
    for (const name of ['result', 'error']) {
      const schema = await readFile(`${ROOT}/docs/schemas/${name}.json`, 'utf8')
      for (const { outcome } of OUTCOMES) assert.ok(schema.includes(`"${outcome}"`), `${name} lacks ${outcome}`)
    }
  })

  it('stand for one outcome each, in errors and in their documents alike', () => {
    assert.equal(new Set(OUTCOMES.map(({ exitCode }) => exitCode)).size, OUTCOMES.length)
    for (const { outcome, exitCode } of OUTCOMES) {
      const error = new WsctlError('x', 'y', { outcome })
      assert.deepEqual(
        [exitCodeOf(outcome), error.exitCode, errorDocument('z', error).exitCode],
        Array(3).fill(exitCode),
      )
    }
  })
})
