import assert from 'node:assert/strict'
import type { Command } from '@oclif/core'
import { loadCommands, parseLine } from '../../support/commands.js'

/** Examples of a command, as an operator would type them. */
function examplesOf(name: string, { examples }: typeof Command): readonly string[] {
  return examples
    .map((example) => (typeof example === 'string' ? example : example.command))
    .map((line) => line.replaceAll('<%= config.bin %>', 'wsctl').replaceAll('<%= command.id %>', name))
}

describe('the help', () => {
  let commands: ReadonlyMap<string, typeof Command>
  before(async () => {
    commands = await loadCommands()
  })

  it('offers every operation of the deployment guide', () => {
    const operations = [
      ...['deploy testing', 'deploy gradual', 'deploy full', 'rollback emergency', 'rollback gradual', 'monitor'],
      ...['status', 'stats', 'health', 'user', 'configure', 'env show', 'env set', 'env backup', 'env restore'],
      ...['history', 'sandbox', 'rehearse'],
    ]
    assert.deepEqual(
      operations.filter((name) => !commands.has(name)),
      [],
    )
    assert.deepEqual(commands.get('status')?.aliases, ['rollback:status'])
  })

  it('says of every command in one line what it does', () => {
    for (const [name, { summary = '' }] of commands) assert.match(summary, /^[A-Z].{10,85}[^.]$/, name)
  })

  it('says of every flag and argument what it is', () => {
    for (const [name, command] of commands) {
      const given = { ...command.baseFlags, ...command.flags, ...command.args }
      for (const [key, { description = '', hidden = false }] of Object.entries(given)) {
        assert.ok(hidden || description.length > 5, `${name} says nothing of ${key}`)
      }
    }
  })

  it('shows examples of every command that the command itself understands', async () => {
    for (const [name, command] of commands) {
      const examples = examplesOf(name, command)
      assert.ok(examples.length > 0, `${name} shows none`)
      for (const line of examples) {
        assert.ok(line.startsWith(`wsctl ${name}`), line)
        await assert.doesNotReject(() => parseLine(line, commands), line)
      }
    }
  })

  it('offers --json with every command', () => {
    for (const [name, { baseFlags }] of commands) assert.ok('json' in baseFlags, name)
  })

  it('offers no flag that takes a token, but for the sandbox, where it guards nothing', () => {
    const offering = [...commands].filter(([, { flags }]) => 'token' in flags).map(([name]) => name)
    assert.deepEqual(offering, ['sandbox'])
  })
})
