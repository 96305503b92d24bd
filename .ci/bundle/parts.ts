import { basename } from 'node:path'
import type { BuildOptions, Metafile, Plugin } from 'esbuild'

/** Dynamic imports from here on are of the rest: what is behind them is not needed to run, to roll back or to look. */
const RARE =
  /^src\/(?:commands\/(?:audit|checklist|completion|configure|context|diagnose|doctor|env|explain|history|notify|plan|preflight|rehearse|report|rollout\/(?!resume)|sandbox|user)|lib\/(?:report|sandbox|cli\/(?:completion|dry-run)|render\/(?:audit-table|checklist|contexts|diagnosis|doctor|dry-run|explain|notify-test|preflight|schedule|topics)|adapters\/(?:check-document|contexts-file|yaml-document|postgres)))/

/** The two files of the program, and which piece is in which. */
interface Parts {
  readonly main: ReadonlySet<string>
  readonly rest: ReadonlySet<string>
}

/** Puts the pieces that the start can come to without a rare import into `wsctl.js`, and all others into `rest.js`. */
export function partPieces({ outputs }: Metafile): Parts {
  const pieces = Object.keys(outputs).filter((path) => path.endsWith('.js'))
  const main = new Set<string>()
  const ahead = pieces.filter((path) => basename(path) === 'wsctl.js')
  for (let path = ahead.pop(); path !== undefined; path = ahead.pop()) {
    if (main.has(path)) continue
    main.add(path)
    const next = (outputs[path]?.imports ?? []).filter((each) => each.external !== true)
    ahead.push(
      ...next
        .filter((each) => each.kind !== 'dynamic-import' || !RARE.test(outputs[each.path]?.entryPoint ?? ''))
        .map((each) => each.path),
    )
  }
  return {
    main: new Set([...main].map((path) => basename(path))),
    rest: new Set(pieces.filter((path) => !main.has(path)).map((path) => basename(path))),
  }
}

/**
 * What makes one file of pieces. A piece of the other file is asked for by name, so that there is never a second one.
 *
 * @param folder of the pieces
 */
export function partOptions(folder: string, name: 'wsctl' | 'rest', { main, rest }: Parts): BuildOptions {
  const own = name === 'wsctl' ? main : rest
  const other = name === 'wsctl' ? 'rest' : 'wsctl'
  const table = [...own].map((piece) => `${JSON.stringify(piece)}: () => require('./${piece}'),`)
  const start = name === 'wsctl' ? `exports.start = (entry) => require('./wsctl.js').start(entry)` : ''
  const plugin: Plugin = {
    name: 'parts',
    setup(build) {
      build.onResolve({ filter: /^\.\// }, ({ path, namespace }) => {
        if (namespace === 'other') return { path, external: true }
        const piece = path.slice(2)
        if (own.has(piece)) return null
        return main.has(piece) || rest.has(piece) ? { path: piece, namespace: 'other' } : { path, external: true }
      })
      build.onLoad({ filter: /.*/, namespace: 'other' }, ({ path }) => ({
        contents: `module.exports = require('./${other}.js').pieces[${JSON.stringify(path)}]()`,
        resolveDir: folder,
      }))
    },
  }
  return {
    stdin: {
      contents: `exports.pieces = { ${table.join(' ')} }\n${start}`,
      resolveDir: folder,
      sourcefile: `pieces-of-${name}.js`,
    },
    plugins: [plugin],
  }
}
