import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { complete, type Completion, type KnownCommand } from '../../../src/lib/cli/completion/complete.js'
import { splitLine } from '../../../src/lib/cli/completion/split-line.js'

describe('the completion of a line', () => {
  let commands: readonly KnownCommand[]

  before(async () => {
    const text = await readFile(new URL('../../../oclif.manifest.json', import.meta.url), 'utf8')
    const manifest = JSON.parse(text) as { readonly commands: Readonly<Record<string, KnownCommand>> }
    commands = Object.values(manifest.commands)
  })

  /** As if the line had been typed up to its end. */
  function after(line: string): Completion {
    return complete(splitLine(`wsctl ${line}`).slice(1), commands)
  }

  function words(line: string): readonly string[] {
    const completion = after(line)
    assert.ok(completion.kind === 'words', line)
    return completion.words.map(({ value }) => value)
  }

  it('offers commands, then their second words, also those of other names', () => {
    assert.ok(['deploy', 'rollback', 'status', 'help'].every((name) => words('').includes(name)))
    assert.deepEqual(words('dep'), ['deploy'])
    assert.deepEqual(words('deploy '), ['full', 'gradual', 'testing'])
    assert.deepEqual(words('rollback s'), ['status'])
    assert.deepEqual(words('help deploy g'), ['gradual'])
  })

  it('offers flags that were not given yet', () => {
    assert.ok(words('plan -').includes('--steps'))
    assert.ok(!words('plan lint -').includes('--steps'))
    assert.deepEqual(words('deploy gradual --max-e'), ['--max-error-rate-increase', '--max-error-rate'])
    assert.deepEqual(words('deploy gradual --max-error-rate 5 --max-e'), ['--max-error-rate-increase'])
    assert.ok(words('status -').includes('--watch'))
    assert.ok(words('status --server x -').includes('--watch'))
    assert.ok(words('status --server=x -').includes('--server'), 'several servers may be named')
    assert.ok(!words('status --timeout=1s -').includes('--timeout'))
    assert.ok(!words('rollout resume -').includes('--detached'), 'a hidden flag')
  })

  it('offers the values of flags that have fixed ones, in either spelling', () => {
    assert.deepEqual(words('deploy gradual --on-crash '), ['hold', 'rollback'])
    assert.deepEqual(words('deploy gradual --on-crash r'), ['rollback'])
    assert.deepEqual(words('deploy gradual --on-crash=r'), ['--on-crash=rollback'])
    assert.deepEqual(words('configure --legacy-fallback '), ['true', 'false'])
    assert.deepEqual(words('configure --mode f'), ['full'])
    assert.deepEqual(words('completion '), ['bash', 'zsh', 'fish'])
  })

  it('looks up contexts and runs where one is expected', () => {
    assert.deepEqual(after('status --context '), { kind: 'contexts', before: '' })
    assert.deepEqual(after('status --context=st'), { kind: 'contexts', before: '--context=' })
    assert.deepEqual(after('context use '), { kind: 'contexts', before: '' })
    assert.deepEqual(after('history 2026'), { kind: 'runs', before: '' })
    assert.deepEqual(after('rollout resume --on-crash hold '), { kind: 'runs', before: '' })
  })

  it('looks up topics and items of the checklist', () => {
    assert.deepEqual(after('explain lo'), { kind: 'topics', before: '' })
    assert.deepEqual(after('checklist sign te'), { kind: 'items', before: '' })
    assert.ok(words('checklist sign team-told -').includes('--note'))
  })

  it('leaves files and folders to the shell', () => {
    assert.deepEqual(after('status --token-file '), { kind: 'files', endings: [] })
    assert.deepEqual(after('history --state-dir '), { kind: 'folders' })
  })

  it('offers nothing where only the operator knows', () => {
    assert.deepEqual(words('user '), [])
    assert.deepEqual(words('status --server '), [])
    assert.deepEqual(words('context add '), [])
    assert.deepEqual(words('nonsense '), [])
  })

  it('offers plan files by their endings', () => {
    const flag = { name: 'plan', type: 'option', helpValue: 'FILE' } as const
    const command = { id: 'deploy', args: {}, flags: { plan: flag } }
    assert.deepEqual(complete(['deploy', '--plan', ''], [command]), { kind: 'files', endings: ['yaml', 'yml', 'json'] })
  })

  it('splits a line that is still being typed as a shell would', () => {
    assert.deepEqual(splitLine('wsctl env  show'), ['wsctl', 'env', 'show'])
    assert.deepEqual(splitLine('wsctl '), ['wsctl', ''])
    assert.deepEqual(splitLine(`wsctl 'a b' "c \\" d" e\\ f`), ['wsctl', 'a b', 'c " d', 'e f'])
    assert.deepEqual(splitLine(`wsctl 'a b`), ['wsctl', 'a b'])
    assert.deepEqual(splitLine(`wsctl --x="a b`), ['wsctl', '--x=a b'])
    assert.deepEqual(splitLine(''), [''])
  })
})
