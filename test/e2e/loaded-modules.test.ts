import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LiveServer } from '../support/live-server.js'

const HOOK = fileURLToPath(new URL('../support/loaded-modules.cjs', import.meta.url))
/** Of Node: what is slow to load, and has no business in a command that asks a server over plain HTTP. */
const SLOW = ['https', 'tls', 'http2', 'readline', 'internal/deps/undici/undici']
/** What every command loads. */
const PROGRAM = ['launch.js', 'wsctl.js']

interface Loaded {
  readonly builtins: readonly string[]
  readonly files: readonly string[]
}

describe('what is loaded for a command', function () {
  this.timeout(60_000)
  const live = LiveServer.forEachTest({ users: 0 })

  before(function () {
    // Newer ones load more of themselves with `http` than is asked for.
    if (!process.version.startsWith('v20.')) this.skip()
  })

  async function loadedBy(...argv: readonly string[]): Promise<Loaded> {
    const place = join(live.shell.folder, 'loaded.json')
    const environment = { ...live.environment, LOADED: place, NODE_OPTIONS: `--require=${HOOK}` }
    const { code, stderr } = await live.shell.run(argv, environment)
    assert.equal(code, 0, stderr)
    return JSON.parse(await readFile(place, 'utf8')) as Loaded
  }

  const slowIn = ({ builtins }: Loaded): readonly string[] => SLOW.filter((name) => builtins.includes(name))
  const besideProgram = ({ files }: Loaded): readonly string[] => files.filter((file) => !PROGRAM.includes(file)).sort()

  for (const flag of ['--version', '--help']) {
    it(`${flag}: nothing that reaches a server, and no library`, async () => {
      const loaded = await loadedBy(flag)
      assert.deepEqual(slowIn(loaded), [])
      assert.deepEqual(
        ['http', 'crypto', 'child_process'].filter((name) => loaded.builtins.includes(name)),
        [],
      )
      assert.deepEqual(besideProgram(loaded), [])
    })
  }

  it('status: no TLS for a server without, no fetch, no process, no library', async () => {
    const loaded = await loadedBy('status')
    assert.deepEqual(slowIn(loaded), [])
    assert.deepEqual(
      ['crypto', 'child_process', 'perf_hooks', 'internal/fs/promises'].filter((name) =>
        loaded.builtins.includes(name),
      ),
      [],
    )
    assert.deepEqual(besideProgram(loaded), [])
  })

  it('rollback emergency: neither', async () => {
    const loaded = await loadedBy('rollback', 'emergency')
    assert.deepEqual(
      slowIn(loaded).filter((name) => name !== 'readline'),
      [],
    )
    assert.ok(!loaded.builtins.includes('child_process'))
    assert.deepEqual(besideProgram(loaded), [])
  })

  it('what is rarely needed is loaded for who needs it', async () => {
    const plan = join(live.shell.folder, 'plan.yaml')
    await writeFile(plan, 'schema: wsctl/plan@1\nname: short\nsteps: [5]\n')
    assert.deepEqual(besideProgram(await loadedBy('plan', 'lint', plan)), ['rest.js', 'yaml.js'])
    assert.deepEqual(besideProgram(await loadedBy('explain', 'gradual')), ['rest.js'])
    assert.deepEqual(besideProgram(await loadedBy('stats')), ['cli-table3.js'])
  })
})
