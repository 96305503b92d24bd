import assert from 'node:assert/strict'
import { SCRIPTS } from '../support/doc-cues.js'
import { NOT_RUN, typedPages, whyNotRun } from '../support/doc-lines.js'
import { DocScene } from '../support/doc-scenes.js'

/** Pages that are followed at the same time: what they wait for is mostly the clock. */
const AT_ONCE = 3

/** Follows a page from its first line to its last, and tells which ended otherwise than it says. */
async function follow(page: string, lines: readonly string[]): Promise<readonly string[]> {
  const { variables, cues = [] } = SCRIPTS[page] ?? {}
  const scene = await DocScene.open()
  const surprises: string[] = []
  const waiting = [...cues]
  try {
    for (const line of lines) {
      const cue = waiting[0] !== undefined && line.startsWith(waiting[0].line) ? waiting.shift() : undefined
      const expected = cue?.code ?? 0
      const { code, stdout, stderr } = await scene.type(line, { ...(variables && { variables }), ...cue })
      if (code !== expected) surprises.push(`${line}\nended with ${code}, not ${expected}:\n${stdout}\n${stderr}`)
    }
  } finally {
    await scene.close()
  }
  return [...surprises, ...waiting.map(({ line }) => `${line}\nis not there any more`)]
}

describe('the documentation, followed line by line', function () {
  // On a machine of its own it takes a minute or so; on one that does much else, many.
  this.timeout(900_000)
  let pages: ReadonlyMap<string, readonly string[]>

  before(async () => {
    pages = await typedPages()
  })

  it('works, page by page, each in its order', async () => {
    const queue = [...pages]
      .map(([page, lines]) => ({ page, lines: lines.filter((line) => whyNotRun(line) === null) }))
      .filter(({ lines }) => lines.length > 0)
      // Those that take longest begin first.
      .sort((a, b) => b.lines.length - a.lines.length)
    assert.ok(queue.reduce((sum, { lines }) => sum + lines.length, 0) > 95, 'hardly a line was found')
    const surprises = new Map<string, readonly string[]>()
    const lane = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const found = await follow(next.page, next.lines)
        if (found.length > 0) surprises.set(next.page, found)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, lane))
    assert.equal([...surprises].map(([page, found]) => `${page}\n${found.join('\n\n')}`).join('\n\n'), '')
  })

  it('leaves out only lines that there are, each for a reason', () => {
    const lines = [...pages.values()].flat()
    const idle = NOT_RUN.filter(([pattern]) => !lines.some((line) => pattern.test(line)))
    assert.deepEqual(
      idle.map(([pattern, reason]) => `${pattern.source}: ${reason}`),
      [],
    )
  })
})
