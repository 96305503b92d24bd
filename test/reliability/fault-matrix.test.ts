import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { NETWORK_FAULTS, type NetworkFault } from '../support/faulty-proxy.js'
import { MOMENTS, runCase, type Case, type Ending, type Moment } from './fault-matrix.js'

const DOCUMENT = new URL('../../docs/reliability.md', import.meta.url)
const [START, END] = ['<!-- fault matrix -->', '<!-- fault matrix end -->']
/** Cases wait far more than they work. */
const AT_ONCE = 12

const ALL_MOMENTS = Object.keys(MOMENTS) as readonly Moment[]
const ALL_FAULTS = Object.keys(NETWORK_FAULTS) as readonly NetworkFault[]
const CASES: readonly Case[] = ALL_MOMENTS.flatMap((moment) =>
  ALL_FAULTS.flatMap((fault) => (['once', 'for good'] as const).map((lasts) => ({ moment, fault, lasts }))),
)

async function runAll(): Promise<ReadonlyMap<Case, Ending>> {
  const endings = new Map<Case, Ending>()
  // Those that last take the longest, so they begin first.
  const queue = [...CASES].sort((a, b) => a.lasts.localeCompare(b.lasts))
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) endings.set(next, await runCase(next))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return endings
}

function renderTable(endings: ReadonlyMap<Case, Ending>): string {
  const end = (ending: Ending | undefined): string => `${ending?.exitCode} ${ending?.outcome}`
  const rows = ALL_MOMENTS.flatMap((moment) =>
    ALL_FAULTS.map((fault) => {
      const [once, lasting] = [...endings]
        .filter(([each]) => each.moment === moment && each.fault === fault)
        .sort(([a], [b]) => b.lasts.localeCompare(a.lasts))
        .map(([, ending]) => ending)
      return `| ${moment} | ${fault} | ${end(once)} | ${end(lasting)} | ${lasting?.reason} |`
    }),
  )
  const head = ['moment', 'fault', 'strikes once', 'lasts', 'what the operator reads when it lasts']
  return [`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...rows].join('\n')
}

describe('every network fault at every call', function () {
  this.timeout(240_000)
  let endings: ReadonlyMap<Case, Ending>

  before(async () => {
    endings = await runAll()
  })

  for (const each of CASES) {
    it(`${each.fault}, ${each.lasts}, ${each.moment}`, () => {
      const ending = endings.get(each)
      assert.ok(ending && ending.struck > 0, 'the fault did not strike')
      const isRollback = each.moment.startsWith('rollback')
      const onlyTidying = each.moment.endsWith('cache') || each.moment.endsWith('to 0')
      if (each.lasts === 'once' || (isRollback && onlyTidying)) {
        assert.equal(ending.outcome, isRollback ? 'rolled-back' : 'completed', ending.reason)
      } else {
        assert.equal(ending.outcome, 'rollback-unverified', ending.reason)
        assert.match(ending.reason, /^users may still be on the unified system/)
      }
      // What is claimed is what the server says when it is asked past the proxy.
      if (ending.outcome === 'completed') assert.equal(ending.server, 'gradual 60 %')
      if (ending.outcome === 'rolled-back') assert.match(ending.server, /^disabled/)
      if (each.lasts === 'for good' && !isRollback && each.moment !== 'observing') assert.deepEqual(ending.raised, [20])
    })
  }

  it('ends as docs/reliability.md says', async () => {
    const text = await readFile(DOCUMENT, 'utf8')
    const [before = '', rest = ''] = text.split(START)
    const [, after = ''] = rest.split(END)
    const fresh = `${before}${START}\n${renderTable(endings)}\n${END}${after}`
    if (process.env['WSCTL_WRITE_DOCS']) await writeFile(DOCUMENT, fresh)
    else assert.equal(text, fresh, 'write it anew: WSCTL_WRITE_DOCS=1 npx mocha test/reliability/fault-matrix.test.ts')
  })
})
