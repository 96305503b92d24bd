import assert from 'node:assert/strict'
import { Parser } from '@oclif/core'
import { thresholdFlags } from '../../../src/lib/cli/flags/judging.js'
import { serverFlags } from '../../../src/lib/cli/flags/server.js'
import { toWsctlError } from '../../../src/lib/cli/report-error.js'

const FLAGS = { ...serverFlags, ...thresholdFlags }

async function suggestionsFor(...argv: readonly string[]): Promise<readonly string[]> {
  try {
    await Parser.parse([...argv], { flags: FLAGS })
  } catch (error) {
    return toWsctlError(error, 'monitor', Object.keys(FLAGS)).suggestions
  }
  return assert.fail('the flags were taken')
}

describe('a mistyped flag', () => {
  it('is answered with the one that was meant', async () => {
    for (const [typed, meant] of [
      ['--sever', '--server'],
      ['--sevrer=http://a', '--server'],
      ['--max-erorr-rate', '--max-error-rate'],
      ['--max-error', '--max-error-rate'],
      ['--token-fiel', '--token-file'],
    ] as const) {
      assert.deepEqual(await suggestionsFor(typed), [`did you mean: ${meant}`, 'see: wsctl monitor --help'], typed)
    }
  })

  it('each is answered, when there are several', async () => {
    const [first, second] = await suggestionsFor('--sever', 'x', '--windw', '5m')
    assert.deepEqual([first, second], ['did you mean: --server', 'did you mean: --window'])
  })

  it('is only pointed to the help when none is near', async () => {
    assert.deepEqual(await suggestionsFor('--bogus'), ['see: wsctl monitor --help'])
    assert.deepEqual(await suggestionsFor('-q'), ['see: wsctl monitor --help'])
  })
})
