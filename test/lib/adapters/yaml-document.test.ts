import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { readYaml } from '../../../src/lib/adapters/yaml-document.js'
import { refusalOf } from '../../support/refusal.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

describe('a file in YAML or JSON', () => {
  const folder = new TemporaryFolder()

  async function saved(content: string | Uint8Array, name = 'file.yaml'): Promise<string> {
    const path = folder.at(name)
    await writeFile(path, content)
    return path
  }

  /** The message with which a file is refused, without the folder that it is in. */
  async function complaint(content: string | Uint8Array, name?: string): Promise<string> {
    const path = await saved(content, name)
    const error = await refusalOf(() => readYaml(path))
    assert.deepEqual([error.code, error.exitCode], ['usage', 2])
    return error.message.replaceAll(folder.at('/'), '')
  }

  it('is read with the place of every key and every item', async () => {
    const { value, at } = await readYaml(await saved('# plan\nsteps:\n  - 1\n  - percentage: 5\n    gate: approval\n'))
    assert.deepEqual(value, { steps: [1, { percentage: 5, gate: 'approval' }] })
    assert.deepEqual(at([]), { line: 2, column: 1 })
    assert.deepEqual(at(['steps']), { line: 2, column: 1 })
    assert.deepEqual(at(['steps', 0]), { line: 3, column: 5 })
    assert.deepEqual(at(['steps', 1, 'gate']), { line: 5, column: 5 })
    assert.equal(at(['steps', 1, 'gone']), null)
    assert.equal(at(['steps', 7]), null)
    assert.equal(at(['steps', 0, 'percentage']), null)
  })

  it('may be JSON, also when it is indented by tabs or begins with a byte order mark', async () => {
    const path = await saved('\uFEFF{\n\t"steps": [1, 5]\n}\n', 'file.json')
    const { value, at } = await readYaml(path)
    assert.deepEqual(value, { steps: [1, 5] })
    assert.deepEqual(at(['steps', 1]), { line: 2, column: 15 })
  })

  it('may say a thing once and refer to it, and the place is then that of the reference', async () => {
    const { value, at } = await readYaml(await saved('a: &limits {max: 1}\nb: *limits\n'))
    assert.deepEqual(value, { a: { max: 1 }, b: { max: 1 } })
    assert.deepEqual(at(['b']), { line: 2, column: 1 })
    assert.deepEqual(at(['b', 'max']), { line: 1, column: 13 })
  })

  const wrong: readonly (readonly [what: string, content: string | Uint8Array, message: RegExp, name?: string])[] = [
    ['a tab as indentation', 'steps:\n\t- 1\n', /^file\.yaml:2:1: a tab cannot indent in YAML: use spaces$/],
    ['a bracket that is left open', 'steps: [1, 5\nname: x\n', /^file\.yaml:2:1: .*must .*end with a \]$/],
    ['a quote that is left open', 'name: "x\n', /^file\.yaml:\d+:\d+: Missing closing "quote$/],
    ['a second document', 'a: 1\n---\nb: 2\n', /^file\.yaml:2:1: a second document begins here/],
    ['something after the end of the document', 'a: 1\n...\nb: 2\n', /^file\.yaml:3:1: a second document begins here/],
    ['a key that is there twice', 'a: 1\nb:\n  c: 1\n  c: 2\n', /^file\.yaml:4:3: c is there twice, first in line 3$/],
    ['the same in JSON', '{"a": 1, "a": 2}', /^file\.json:1:10: a is there twice, first in line 1$/, 'file.json'],
    [
      'a comma after the last entry of JSON',
      '{\n  "a": [1, 2,]\n}',
      /^file\.json:2:13: JSON has no comma after/,
      'file.json',
    ],
    ['single quotes in JSON', "{'a': 1}", /^file\.json: this is not JSON: /, 'file.json'],
    ['a comma that is missing in JSON', '{"a": 1 "b": 2}', /^file\.json:1:\d: this is not JSON: /, 'file.json'],
    ['JSON that is empty', '', /^file\.json: this is not JSON: /, 'file.json'],
    [
      'a tag, which could stand for a program',
      'a: !!js/function "x"\n',
      /^file\.yaml:1:4: a tag .* means nothing here$/,
    ],
    ['a key that is a list', '? [a]\n: 1\n', /^file\.yaml:1:3: a key has to be a piece of text$/],
    ['an alias without an anchor', 'a: *gone\n', /^file\.yaml:1:4: the alias \*gone has no anchor &gone before it$/],
    ['bytes that are no UTF-8', Uint8Array.of(0x61, 0xff, 0xfe), /^file\.yaml is not UTF-8 text$/],
    ['UTF-16', Buffer.from('\uFEFFa: 1', 'utf16le'), /^file\.yaml is not UTF-8 text$/],
    ['NUL bytes', 'a: \0', /^file\.yaml is not UTF-8 text$/],
    ['more than a megabyte', ' '.repeat(1024 * 1024 + 1), /^file\.yaml is larger than 1 MB$/],
  ]
  for (const [what, content, message, name] of wrong) {
    it(`is refused with ${what}`, async () => assert.match(await complaint(content, name), message))
  }

  it('is refused when its aliases stand for far more than is written', async () => {
    const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
    const lines = letters.map((letter, index) => {
      const item = index === 0 ? '"x"' : `*${letters[index - 1]}`
      return `${letter}: &${letter} [${Array.from({ length: 9 }, () => item).join(', ')}]`
    })
    assert.match(
      await complaint(lines.join('\n')),
      /^file\.yaml:4:8: with the alias \*c the file stands for far more than is written$/,
    )
  })

  it('is refused when it is nested deeper than can be read', async () => {
    assert.match(await complaint(`a: ${'['.repeat(200_000)}`), /it is nested too deeply$/)
  }).timeout(20_000)

  it('is read in seconds, however many keys it has', async () => {
    const keys = Array.from({ length: 60_000 }, (_, index) => `k${index}: 1`)
    const { value } = await readYaml(await saved(keys.join('\n')))
    assert.equal(Object.keys(value as object).length, keys.length)
  }).timeout(20_000)

  it('is refused when it is none', async () => {
    await mkdir(folder.at('plans'))
    const refused = [
      [folder.at('gone.yaml'), /gone\.yaml does not exist$/],
      [folder.at('plans'), /plans is a folder, not a file$/],
      ['/dev/zero', /^\/dev\/zero is no regular file$/],
    ] as const
    for (const [path, message] of refused) {
      const error = await refusalOf(() => readYaml(path))
      assert.deepEqual([error.exitCode, message.test(error.message)], [2, true], error.message)
    }
  })
})
