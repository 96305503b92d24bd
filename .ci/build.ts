/**
 * Builds `dist/`: the program with all that it depends on as one file, libraries that few commands use as a file each,
 * the companion, and what starts the program.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type BuildOptions, type Plugin } from 'esbuild'
import { lateModules } from './bundle/late-modules.js'
import { lightModule } from './bundle/light-modules.js'
import { LATE_LIBRARIES, libraries, LIBRARIES } from './bundle/libraries.js'
import { commandNames, programModules, type Manifest } from './bundle/program.js'
import { ABSENT, LATE_BUILTINS, LATE_OCLIF, LATE_PACKAGES, substitutes } from './bundle/substitutes.js'
import { keepOwnLines } from './bundle/own-map.js'
import { partOptions, partPieces } from './bundle/parts.js'
import { thirdPartyNotices } from './bundle/third-party.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SOURCE = join(ROOT, 'src')
const DIST = join(ROOT, 'dist')

const common = {
  absWorkingDir: ROOT,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
} satisfies BuildOptions

const mapped = { sourcemap: true, sourcesContent: false } satisfies BuildOptions

/** A file is found from where its source is: in the bundle, from where the compiled source would be. */
const ownPlaces: Plugin = {
  name: 'own-places',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      if (!text.includes('import.meta.url')) return null
      const place = JSON.stringify(relative(SOURCE, path).replace(/\.ts$/, '.js'))
      const url = `require('node:url').pathToFileURL(require('node:path').join(__dirname, ${place})).href`
      return { contents: text.replaceAll('import.meta.url', url), loader: 'ts' }
    })
  },
}

/**
 * The program, in two steps. First it is taken apart at each dynamic import, so that what is loaded late is
 * evaluated late, and what nobody uses is left out. Then the pieces are put into one file, each as a function: what
 * is not called is not even compiled.
 */
async function buildProgram(manifest: Manifest, folder: string): Promise<readonly string[]> {
  const pieces = join(folder, 'pieces')
  const functions = join(folder, 'functions')
  const { metafile } = await build({
    ...common,
    bundle: true,
    format: 'esm',
    splitting: true,
    minifySyntax: true,
    minifyIdentifiers: true,
    define: ABSENT,
    entryPoints: { wsctl: join(SOURCE, 'lib/cli/start.ts') },
    chunkNames: '[hash]',
    outdir: pieces,
    ...mapped,
    sourcemap: 'inline',
    plugins: [
      lateModules('late-libraries', new RegExp(`^(${LATE_LIBRARIES.join('|')})$`), () => true),
      libraries(),
      programModules(ROOT, manifest),
      substitutes(),
      lateModules('late-builtins', new RegExp(`^(node:)?(${LATE_BUILTINS.join('|')})$`), () => true),
      lateModules('late-packages', new RegExp(`^(${LATE_PACKAGES.join('|')})$`), () => true),
      lateModules('late-oclif', /^\.\.?\//, (file) =>
        LATE_OCLIF.some((part) => file.endsWith(`@oclif/core/lib/${part}`)),
      ),
      ownPlaces,
    ],
  })
  await build({
    ...common,
    ...mapped,
    sourcemap: 'inline',
    minifySyntax: true,
    supported: { 'dynamic-import': false },
    entryPoints: (await readdir(pieces)).map((name) => join(pieces, name)),
    outdir: functions,
  })
  await lighten(functions)
  const parts = partPieces(metafile)
  for (const name of ['wsctl', 'rest'] as const) {
    const outfile = join(DIST, `${name}.js`)
    await build({ ...common, ...mapped, bundle: true, minify: true, outfile, ...partOptions(functions, name, parts) })
    await keepOwnLines(`${outfile}.map`)
  }
  return Object.keys(metafile.inputs)
}

/**
 * Lets pieces see each other directly. What is ASCII alone is read quickly, and is half as large in memory; only patterns
 * still hold anything else by now.
 */
async function lighten(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'utf8')
    const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
    await writeFile(join(folder, name), lightModule(text).replaceAll(/[^\0-\x7F]/g, escaped))
  }
}

async function buildLibraries(): Promise<readonly string[]> {
  const built = Object.entries(LIBRARIES).map(async ([name, contents]) => {
    const { metafile } = await build({
      ...common,
      bundle: true,
      minify: true,
      external: ['pg-native', 'pg-cloudflare'],
      // Asking for it loads all of fetch, which does not even start in a process that compiles nothing.
      define: { Response: 'undefined' },
      stdin: { contents, resolveDir: ROOT },
      outfile: join(DIST, `${name}.js`),
    })
    return Object.keys(metafile.inputs)
  })
  return (await Promise.all(built)).flat()
}

/** What starts the program knows which build it starts, so that no cache of another one is taken for its own. */
async function buildLaunch(): Promise<void> {
  const id = createHash('sha256')
    .update(await readFile(join(DIST, 'wsctl.js')))
    .digest('hex')
    .slice(0, 16)
  await build({
    ...common,
    bundle: true,
    minify: true,
    define: { BUILD_ID: JSON.stringify(id), COMMAND_NAMES: JSON.stringify(await commandNames(ROOT)) },
    entryPoints: { launch: join(SOURCE, 'launch/launch.ts') },
    outdir: DIST,
  })
}

async function buildCompanion(): Promise<void> {
  const place = 'lib/adapters/companion'
  await build({
    ...common,
    bundle: true,
    minify: true,
    entryPoints: { [place]: join(SOURCE, `${place}.ts`) },
    outdir: DIST,
  })
}

const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Manifest
await rm(DIST, { recursive: true, force: true })
await mkdir(DIST)
// The sources are modules of ECMAScript; what is built of them is not, nor is what comes between.
await writeFile(join(DIST, 'package.json'), '{ "type": "commonjs" }\n')
const folder = join(DIST, '.build')
const inputs = [...(await buildProgram(manifest, folder)), ...(await buildLibraries())]
await rm(folder, { recursive: true })
await Promise.all([buildLaunch(), buildCompanion()])
await writeFile(join(DIST, 'THIRD-PARTY.txt'), await thirdPartyNotices(ROOT, inputs))
