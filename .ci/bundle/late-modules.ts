import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { OnResolveArgs, Plugin } from 'esbuild'

/** A module that is evaluated at the first use of one of its names. */
interface LateModule {
  /** What esbuild would have taken: a path, or the name of a module of Node. */
  readonly target: string
  /** What it exports, which has to be known before it is loaded. */
  readonly exports: unknown
  /** Then all that is taken from it is its default export, a function. */
  readonly isEcmaScript: boolean
}

/**
 * Puts a stand-in before modules, which loads the module itself when one of its names is used for the first time. The
 * text of the module stays as it is.
 *
 * @param filter which imports may be meant
 * @param isMeant told the file that an import stands for
 */
export function lateModules(name: `late-${string}`, filter: RegExp, isMeant: (file: string) => boolean): Plugin {
  // Tells the resolving of esbuild apart, which is asked from here.
  const asked = {}
  return {
    name,
    setup(build) {
      build.onResolve({ filter }, async (args) => {
        // What is imported dynamically is late by itself.
        if (args.kind === 'dynamic-import' || args.namespace.startsWith('late-') || args.pluginData === asked)
          return null
        const found = await build.resolve(args.path, { ...place(args), pluginData: asked })
        if (found.errors.length > 0 || !isMeant(found.path)) return null
        // What stays outside the bundle is asked for as it was.
        const target = found.external ? args.path : found.path
        const late: LateModule = {
          target,
          exports: load(target),
          isEcmaScript: !found.external && /^export /m.test(await readFile(found.path, 'utf8').catch(() => '')),
        }
        return { path: found.path, namespace: name, pluginData: late }
      })
      build.onLoad({ filter: /.*/, namespace: name }, ({ pluginData }) => ({
        contents: standIn(pluginData as LateModule),
        loader: 'js',
        resolveDir: '/',
      }))
    },
  }
}

function place({ importer, resolveDir, kind }: OnResolveArgs) {
  return { importer, resolveDir, kind }
}

function load(path: string): unknown {
  return createRequire(import.meta.url)(path)
}

function standIn({ target, exports, isEcmaScript }: LateModule): string {
  const load = `const load = () => require(${JSON.stringify(target)})\n`
  if (isEcmaScript) {
    return `${load}export default (...argv) => load().default(...argv)`
  }
  const names = Object.keys(exports as object).filter((name) => name !== '__esModule')
  const flag =
    Reflect.get(exports as object, '__esModule') === true
      ? `Object.defineProperty(exports, '__esModule', { value: true })\n`
      : ''
  if (typeof exports !== 'function') {
    return `${load}${flag}for (const name of ${JSON.stringify(names)})
  Object.defineProperty(exports, name, { enumerable: true, get: () => load()[name] })`
  }
  // Asked whether it is a module of ECMAScript, a function need not be loaded to say no.
  return `${load}module.exports = new Proxy(function () {}, {
  get: (_, name) => (name === '__esModule' ? undefined : load()[name]),
  set: (_, name, value) => Reflect.set(load(), name, value),
  has: (_, name) => name in load(),
  apply: (_, self, argv) => Reflect.apply(load(), self, argv),
  construct: (_, argv) => Reflect.construct(load(), argv),
})`
}
