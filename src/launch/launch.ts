import { readFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'
import { platformFolder } from '../lib/cli/platform-folders.js'
import { isOurs, readCache, writeCache } from './code-cache.js'

/** Of the bundle that is started. The build puts it here. */
declare const BUILD_ID: string
/** Such as `rollback:emergency`. The build puts them here. */
declare const COMMAND_NAMES: readonly string[]

/** Of Node: it is loaded only where it is used. */
interface V8 {
  readonly setFlagsFromString: (flag: string) => void
}

/** What the bundle exports. */
interface Program {
  readonly start: (entry: string) => Promise<void>
}

type Wrapped = (
  exports: object,
  require: NodeJS.Require,
  module: { readonly exports: object },
  file: string,
  folder: string,
) => void

/**
 * That Node reads and writes files with, and looks names up. Each of the journal, the locks, the orders, the messages and
 * the metrics may lose one to a disk that hangs; with Node's four there would be none left to find the server by its name.
 */
const THREADS = 16
/** Of a process that is to stay small: its companion gives it to Node (`cli/guard.ts`). */
const SMALL = '--max-semi-space-size=1'
const HEAD = Buffer.from('(function (exports, require, module, __filename, __dirname) {')
const TAIL = Buffer.from('\n})')

/**
 * Loads the program. Node would compile it anew each time, which takes longer than most commands: what was compiled is
 * kept in the folder of caches of this user. Where that cannot be, the program is loaded without.
 *
 * @param bundle path of the file
 */
export function launch(bundle: string): Program {
  process.env['UV_THREADPOOL_SIZE'] ??= String(THREADS)
  const load = createRequire(bundle)
  if (process.env['DEBUG']) {
    // So that stacks tell lines of the source.
    process.setSourceMapsEnabled(true)
    return load(bundle) as Program
  }
  if (process.execArgv.includes(SMALL)) {
    staySmall(load('node:v8') as V8)
    return loadScript(bundle, load, null)
  }
  const folder = platformFolder('cache')
  if ('enableCompileCache' in Module && typeof Module.enableCompileCache === 'function') {
    const keep = Module.enableCompileCache as (folder: string) => unknown
    if (isOurs(folder)) keep(folder)
    return load(bundle) as Program
  }
  // Of other flags of V8 it is rejected by V8 itself, and made anew.
  const name = [BUILD_ID, process.versions.v8, process.arch, kindOf(process.argv.slice(2))].join('-')
  return loadScript(bundle, load, join(folder, name))
}

/**
 * Memory before speed: nothing is compiled twice, and what can be collected is collected at once. Otherwise a third
 * more would pile up. It costs a few tenths of a second in all.
 */
function staySmall({ setFlagsFromString }: V8): void {
  for (const flag of ['--lite-mode', '--gc-global']) setFlagsFromString(flag)
}

/** What is run decides about what is compiled: each command has a cache of its own, which holds what it uses. */
function kindOf([first = '', second = '']: readonly string[]): string {
  const name = [`${first}:${second}`, first].find((each) => COMMAND_NAMES.includes(each))
  if (name !== undefined) return name.replaceAll(':', '-')
  return ['--version', '--help', '__complete'].includes(first) ? first : 'other'
}

/** @param cache path of what was compiled; null: it is neither read nor written */
function loadScript(bundle: string, load: NodeJS.Require, cache: string | null): Program {
  // It holds ASCII alone. Put together as bytes, it is one string from the start.
  const source = Buffer.concat([HEAD, readFileSync(bundle), TAIL]).toString('latin1')
  const cachedData = cache === null ? null : readCache(cache)
  const script = new Script(source, { filename: bundle, columnOffset: -HEAD.length, ...(cachedData && { cachedData }) })
  if (cache !== null && (cachedData === null || script.cachedDataRejected === true)) {
    process.once('exit', () => writeCache(cache, () => script.createCachedData()))
  }
  const module = new Module(bundle)
  // The other files of the program ask for it as for any module.
  load.cache[bundle] = module
  const run = script.runInThisContext() as Wrapped
  run(module.exports as object, load, module, bundle, dirname(bundle))
  return module.exports as Program
}
