import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('../src', import.meta.url))

/** What each layer may import besides itself; the picture is in docs/architecture.md. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  launch: ['cli'],
  core: [],
  contract: ['core'],
  ports: ['core'],
  engine: ['ports', 'core'],
  adapters: ['contract', 'ports', 'core'],
  render: ['contract', 'ports', 'core'],
  sandbox: ['contract', 'core'],
  report: ['render', 'contract', 'core'],
  cli: ['report', 'render', 'adapters', 'sandbox', 'engine', 'contract', 'ports', 'core'],
  commands: ['cli', 'adapters', 'contract', 'engine', 'render', 'sandbox', 'ports', 'core'],
}

/** Everything that the core may import: it has no I/O, no clock and no randomness, only a hash. */
const PURE_MODULES = ['node:crypto']
/** What a module that is loaded with every command must not load at its start. */
const HEAVY = ['axios', 'ora', 'cli-table3', 'echarts', 'pg', 'prom-client', 'ws', 'write-file-atomic', 'yaml']

interface Import {
  readonly file: string
  readonly layer: string
  readonly target: string
  readonly isDynamic: boolean
  readonly isType: boolean
}

function layerOf(path: string): string {
  const [first = '', second = ''] = relative(SOURCE, path).split('/')
  return first === 'lib' ? second : first
}

const STATIC = /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm
const DYNAMIC = /\bimport\('([^']+)'\)/g

async function readImports(): Promise<readonly Import[]> {
  const files = (await readdir(SOURCE, { recursive: true })).filter((name) => name.endsWith('.ts'))
  const perFile = files.map(async (name) => {
    const file = join(SOURCE, name)
    const text = await readFile(file, 'utf8')
    const found = { file: name, layer: layerOf(file) }
    const place = (target: string): string => (target.startsWith('.') ? resolve(dirname(file), target) : target)
    return [
      ...[...text.matchAll(STATIC)].map(([, type, from = '', bare = '']) => ({
        ...found,
        target: place(from || bare),
        isDynamic: false,
        isType: type !== undefined,
      })),
      ...[...text.matchAll(DYNAMIC)].map(([, target = '']) => ({
        ...found,
        target: place(target),
        isDynamic: true,
        isType: false,
      })),
    ]
  })
  return (await Promise.all(perFile)).flat()
}

describe('architecture', () => {
  let imports: readonly Import[]

  before(async () => {
    imports = await readImports()
    assert.ok(imports.length > 200, 'the imports were not found')
  })

  it('imports go down only, and siblings do not import each other', () => {
    const wrong = imports
      .filter(({ target }) => target.startsWith(SOURCE))
      .map(({ file, layer, target }) => ({ file, layer, to: layerOf(target) }))
      .filter(({ layer, to }) => layer !== to && !LAYERS[layer]?.includes(to))
    assert.deepEqual(wrong, [])
  })

  it('the core imports nothing that acts', () => {
    const outside = imports.filter(({ layer, target }) => layer === 'core' && !target.startsWith(SOURCE))
    assert.deepEqual(
      outside.filter(({ target }) => !PURE_MODULES.includes(target)),
      [],
    )
  })

  it('the core and the engine read no clock and throw no dice', async () => {
    for (const layer of ['core', 'engine']) {
      const folder = join(SOURCE, 'lib', layer)
      for (const name of await readdir(folder)) {
        const text = await readFile(join(folder, name), 'utf8')
        assert.doesNotMatch(
          text,
          /\bDate\.now|new Date\(|Math\.random|performance\.|setTimeout|setInterval|process\.(env|argv|exit|std|hrtime)/,
          name,
        )
      }
    }
  })

  it('heavy libraries are loaded where they are used, never at the start of a command', () => {
    const starters = imports.filter(({ layer }) => layer === 'commands' || layer === 'cli' || layer === 'contract')
    const heavy = starters.filter(({ target, isDynamic, isType }) => !isDynamic && !isType && HEAVY.includes(target))
    assert.deepEqual(heavy, [])
  })

  it('every library that is imported is named in package.json', async () => {
    const text = await readFile(new URL('../package.json', import.meta.url), 'utf8')
    // All of them are in the bundle, so nothing is installed with it.
    const { devDependencies } = JSON.parse(text) as { readonly devDependencies: Readonly<Record<string, string>> }
    const packages = imports
      .map(({ target }) => target)
      .filter((target) => !target.startsWith(SOURCE) && !target.startsWith('node:') && !builtinModules.includes(target))
      .map((target) =>
        target
          .split('/')
          .slice(0, target.startsWith('@') ? 2 : 1)
          .join('/'),
      )
    assert.deepEqual(
      [...new Set(packages)].filter((name) => devDependencies[name] === undefined),
      [],
    )
  })

  it('a command is a few lines', async () => {
    const files = (await readdir(join(SOURCE, 'commands'), { recursive: true })).filter((name) => name.endsWith('.ts'))
    for (const name of files) {
      const text = await readFile(join(SOURCE, 'commands', name), 'utf8')
      const run = /async run\(\)[^]*/.exec(text)?.[0] ?? ''
      assert.ok(run.split('\n').length <= 30, `${name} does more than parse, plan and run`)
      // What the parser reads from stdin in their place may be meant for something else.
      if (name !== 'user.ts') assert.doesNotMatch(text, /Args\.string\(\{(?! ignoreStdin)/, `${name} reads stdin`)
      assert.match(text, /static override examples = \[\s*[^\s\]]/, `${name} shows no example`)
    }
  })
})
