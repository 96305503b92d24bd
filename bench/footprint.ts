/** What installing wsctl brings. Expects a built tree. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Row } from './figures.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MEGABYTE = 1e6

interface Packed {
  readonly size: number
  readonly unpackedSize: number
}

/** Sizes are those of the package that npm would make of this tree. */
export async function footprint(): Promise<readonly Row[]> {
  const pack = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const { stdout } = await promisify(execFile)('npm', pack, { cwd: ROOT, maxBuffer: 16 * MEGABYTE })
  const [packed] = JSON.parse(stdout) as readonly [Packed]
  const { default: manifest } = await import('../package.json', { with: { type: 'json' } })
  const dependencies = 'dependencies' in manifest ? Object.keys(manifest.dependencies as object).length : 0
  const row = (name: string, value: number, unit: string): Row => ({ name, value, unit, goal: null, peer: null })
  return [
    row('packed', packed.size / MEGABYTE, 'MB'),
    row('installed', packed.unpackedSize / MEGABYTE, 'MB'),
    { ...row('packages', 1 + dependencies, ''), goal: 1 },
  ]
}
