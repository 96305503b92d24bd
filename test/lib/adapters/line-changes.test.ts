import assert from 'node:assert/strict'
import fc from 'fast-check'
import { changedLines } from '../../../src/lib/adapters/line-changes.js'

const variable = (value: number): string => `WEBSOCKET_ROLLOUT_PERCENTAGE=${value}`

describe('the lines in which two environment files differ', () => {
  it('are those that changed, by their numbers', () => {
    const before = `# flags\n${variable(5)}\nWEBSOCKET_LEGACY_FALLBACK=true\n`
    const after = `# flags\n${variable(20)}\nWEBSOCKET_LEGACY_FALLBACK=true\nWEBSOCKET_MIGRATION_MODE=gradual\n`
    assert.deepEqual(changedLines(before, after), {
      removed: [{ line: 2, text: variable(5) }],
      added: [
        { line: 2, text: variable(20) },
        { line: 4, text: 'WEBSOCKET_MIGRATION_MODE=gradual' },
      ],
    })
  })

  it('are not those that only moved down', () => {
    assert.deepEqual(
      changedLines(`${variable(1)}\n${variable(2)}\n`, `${variable(0)}\n${variable(1)}\n${variable(2)}\n`),
      {
        removed: [],
        added: [{ line: 1, text: variable(0) }],
      },
    )
  })

  it('never show what is none of the seven variables', () => {
    const { removed, added } = changedLines('DB_PASSWORD=hunter2\n', '# hunter3\nexport API_KEY: hunter4\nhunter5"\n')
    assert.deepEqual(
      [...removed, ...added].map(({ text }) => text),
      ['DB_PASSWORD=(not shown)', '(not shown)', 'export API_KEY:(not shown)', '(not shown)'],
    )
  })

  it('make one file of the other, whatever they are', () => {
    const text = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12 })
    fc.assert(
      fc.property(text, text, (old, young) => {
        const [before, after] = [old, young].map((values) => values.map((value) => `${variable(value)}\n`).join(''))
        const { removed, added } = changedLines(before ?? '', after ?? '')
        const gone = new Set(removed.map(({ line }) => line))
        const lines = (before ?? '').split('\n').filter((line, index) => line !== '' && !gone.has(index + 1))
        for (const { line, text: added_ } of added) lines.splice(line - 1, 0, added_)
        assert.equal(lines.map((line) => `${line}\n`).join(''), after)
      }),
    )
  })

  it('are found at once between large files that have nothing in common', () => {
    const file = (name: string): string => Array.from({ length: 20_000 }, (_, index) => `${name}${index}=\n`).join('')
    assert.equal(changedLines(file('A'), file('B')).added.length, 20_000)
  })
})
