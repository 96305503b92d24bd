import assert from 'node:assert/strict'
import { SCRIPTS } from '../support/doc-cues.js'
import { pagesToType } from '../support/doc-lines.js'
import { DocScene } from '../support/doc-scenes.js'

/** Pages that are followed at the same time: what they wait for is mostly the clock. */
const AT_ONCE = 3

/** A line that came to another end than its page tells of. */
interface Surprise {
  readonly line: string
  readonly expected: number
  readonly code: number | null
  readonly said: string
}

async function follow(page: string, lines: readonly string[]): Promise<readonly Surprise[]> {
  const { variables, cues = [] } = SCRIPTS[page] ?? {}
  const scene = await DocScene.open()
  const surprises: Surprise[] = []
  const waiting = [...cues]
  try {
    for (const line of lines) {
      const cue = waiting[0] !== undefined && line.startsWith(waiting[0].line) ? waiting.shift() : undefined
      const { code: expected = 0 } = cue ?? {}
      const own = { ...(variables && { variables }), ...cue }
      const t0 = Date.now(); console.error('>', page, line.slice(0, 90))
      const { code, stdout, stderr } = await scene.type(line, own)
      console.error('<', page, line.slice(0, 60), code, Date.now() - t0, code === expected ? '' : stderr.slice(-700))
      if (code !== expected) surprises.push({ line, expected, code, said: `${stdout}\n${stderr}`.slice(-1500) })
    }
  } finally {
    await scene.close()
  }
  assert.deepEqual(
    waiting.map(({ line }) => line),
    [],
    'lines that are not on the page any more',
  )
  return surprises
}

describe('the documentation, followed line by line,', function () {
  this.timeout(900_000)
  const followed = new Map<string, Promise<readonly Surprise[]>>()
  let count = 0

  before(async () => {
    const pages = [...(await pagesToType())].filter(([n]) => !process.env['DOC_PAGE'] || n === process.env['DOC_PAGE']).sort(([, a], [, b]) => b.length - a.length)
    count = pages.reduce((sum, [, lines]) => sum + lines.length, 0)
    const lanes = Array.from({ length: AT_ONCE }, () => Promise.resolve<unknown>(null))
    for (const [index, [page, lines]] of pages.entries()) {
      const lane = index % AT_ONCE
      const outcome = (lanes[lane] ?? Promise.resolve()).then(() => follow(page, lines))
      // Told by the test of its page.
      outcome.catch(() => undefined)
      lanes[lane] = outcome.catch(() => undefined)
      followed.set(page, outcome)
    }
  })

  it('works on every page', async () => {
    assert.ok(count > 0, `only ${count} lines were found`)
    for (const [page, outcome] of followed) {
      const told = (await outcome).map(
        ({ line, expected, code, said }) => `${line}\nended with exit code ${code}, not ${expected}\n${said}`,
      )
      assert.equal(told.join('\n\n'), '', page)
    }
  })
})
