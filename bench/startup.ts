/** How long short commands take, as a ratio to `node -e 0` in the same run. Expects a built tree. */
import { mkdtemp, rm } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Row } from './figures.js'
import { timeInTurn } from './measure.js'

const ENTRY = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const TOKEN = 'bench'
const PRINTS = 2.2
const ASKS = 3

/** @param rounds more of them make the figures steadier */
export async function startup(rounds: number): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'wsctl-bench-'))
  // In a process of its own: this one is busy with the clock.
  const sandbox = spawn(
    process.execPath,
    [ENTRY, 'sandbox', '--json', '--port', '0', '--users', '0', '--token', TOKEN],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  try {
    const [output] = (await once(sandbox.stdout, 'data')) as [Buffer]
    const { server } = JSON.parse(output.toString()) as { readonly server: string }
    // Without NODE_EXTRA_CA_CERTS, which makes every start slower, and so every ratio better than it is.
    const environment = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      WSCTL_SERVER: server,
      WSCTL_TOKEN: TOKEN,
      WSCTL_STATE_DIR: join(folder, 'state'),
    }
    const wsctl = (...argv: readonly string[]) => ({ argv: [ENTRY, ...argv], environment })
    const times = await timeInTurn(
      {
        node: { argv: ['-e', '0'], environment },
        version: wsctl('--version'),
        help: wsctl('--help'),
        status: wsctl('status'),
        emergency: wsctl('rollback', 'emergency', '--reason', 'bench'),
      },
      rounds,
    )
    const row = (name: string, time: number, goal: number): Row => {
      return { name, value: time / times.node, unit: '× node', goal, peer: { name: 'node -e 0', value: 1 } }
    }
    return [
      row('wsctl --version', times.version, PRINTS),
      row('wsctl --help', times.help, PRINTS),
      row('wsctl status', times.status, ASKS),
      row('wsctl rollback emergency', times.emergency, ASKS),
    ]
  } finally {
    sandbox.kill()
    await rm(folder, { recursive: true, force: true })
  }
}
