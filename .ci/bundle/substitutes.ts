import type { Plugin } from 'esbuild'
import { LATE_SCHEMAS } from './late-schemas.js'

/** Of Node itself: each takes milliseconds to load, and most commands never use it. */
export const LATE_BUILTINS = ['child_process', 'crypto', 'http2', 'https', 'perf_hooks', 'readline', 'zlib']

/**
 * What axios looks for in its surroundings, and does well without: Node loads much for each at the first look. Sources and
 * other packages import what they need of it.
 */
export const ABSENT = {
  Blob: 'undefined',
  // It takes the time of the system instead, for a duration that nobody reads.
  performance: 'undefined',
  // By it axios finds out whether Node may send requests to a proxy of its own accord, which agents of our own never do.
  'process.allowedNodeEnvironmentFlags': 'undefined',
}

/** Packages that are imported at the start, and used by few commands. */
export const LATE_PACKAGES = [
  'ansi-escapes',
  'ansis',
  'clean-stack',
  'https-proxy-agent',
  'indent-string',
  'string-width',
  'supports-color',
  'widest-line',
  'wrap-ansi',
]

/** Parts of oclif that only help, errors and other rare ways need. */
export const LATE_OCLIF = [
  'errors/errors/pretty-print.js',
  'errors/handle.js',
  'help/command.js',
  'help/formatter.js',
  'help/root.js',
  'ux/action/spinner.js',
  'ux/colorize-json.js',
  'util/cache-command.js',
  'util/cache-default-value.js',
]

/** Modules in whose place something shorter stands. Each is replaced as a whole. */
const REPLACED: readonly (readonly [file: RegExp, contents: string])[] = [
  // Axios asks over `node:http`; the other two ways are for browsers, and loading fetch costs as much as all of wsctl.
  [/axios\/lib\/adapters\/xhr\.js$/, 'export default null'],
  [/axios\/lib\/adapters\/fetch\.js$/, 'export const getFetch = () => null\nexport default null'],
  // Messages are in English: the other languages are half of the package.
  [/zod\/v4\/locales\/index\.js$/, 'export {}'],
  // What finds plugins, commands and sources on the disk: all are in the bundle.
  [/@oclif\/core\/lib\/config\/plugin\.js$/, ''],
  [/@oclif\/core\/lib\/config\/ts-path\.js$/, 'exports.tsPath = async (_, path) => path'],
  // What it reads are small files at the start, for which Node's way of promises is not worth loading.
  [
    /@oclif\/core\/lib\/util\/fs\.js$/,
    `const { existsSync, readFileSync } = require('node:fs')
exports.existsSync = existsSync
exports.readJson = async (path) => JSON.parse(readFileSync(path, 'utf8'))
exports.safeReadJson = (path) => exports.readJson(path).catch(() => undefined)`,
  ],
  // Spinners of oclif itself, which wsctl never shows.
  [
    /@oclif\/core\/lib\/ux\/action\/spinner\.js$/,
    `exports.__esModule = true\nexports.default = require('./simple.js').default`,
  ],
  // Of what it knows of Windows within Linux, only whether it is there.
  [
    /wsl-utils\/index\.js$/,
    `export { default as isWsl } from 'is-wsl'\nexport const powerShellPath = async () => 'powershell.exe'`,
  ],
]

/** Of `node:fs/promises`: what `node:fs` does too. */
const CALLED_BACK = [
  'access',
  'appendFile',
  'chmod',
  'copyFile',
  'lstat',
  'mkdir',
  'mkdtemp',
  'readFile',
  'readdir',
  'readlink',
  'realpath',
  'rename',
  'rm',
  'rmdir',
  'stat',
  'statfs',
  'truncate',
  'unlink',
  'utimes',
  'writeFile',
]

/** Stand-ins that have to know more of a package than its names. */
const ADAPTED: Readonly<Record<string, string>> = {
  // Axios looks for a class of forms when it is loaded. Node has one, and loads all of fetch to show it.
  axios: `
const shown = Object.getOwnPropertyDescriptor(globalThis, 'FormData')
Object.defineProperty(globalThis, 'FormData', { configurable: true, writable: true, value: undefined })
let axios
try {
  axios = require('axios/unsafe/axios.js').default
} finally {
  Object.defineProperty(globalThis, 'FormData', shown)
}
export default axios
export const { isAxiosError } = axios`,
  // Half of what it does is done by functions that are there already, and the other half brings streams and readline.
  'node:fs/promises': `
const fs = require('node:fs')
const { promisify } = require('node:util')
for (const name of ${JSON.stringify(CALLED_BACK)}) exports[name] = promisify(fs[name])
for (const name of ['constants', 'open']) Object.defineProperty(exports, name, { get: () => fs.promises[name] })`,
  // A dynamic import that was taken apart knows no names of a package of CommonJS.
  'proper-lockfile': `
const lockfile = require('proper-lockfile')
export const { check, lock } = lockfile`,
  zod: LATE_SCHEMAS,
  // Axios takes both apart at once, and uses them only for redirects, which wsctl does not follow.
  'follow-redirects': `
const late = (scheme) => ({ request: (...argv) => require('follow-redirects')[scheme].request(...argv) })
module.exports = { http: late('http'), https: late('https') }`,
  // Forms are sent by nobody here, and the package for them brings a table of all types of media.
  'form-data': 'module.exports = class FormData {}',
  // Help compiles every text as a template, and nearly none is one.
  ejs: `exports.render = (text, data) => (text.includes('<%') ? require('ejs').render(text, data) : text)`,
  // It prints for who sets DEBUG, and for nobody else.
  debug: `
const silent = Object.assign(() => undefined, { enabled: false })
module.exports = process.env.DEBUG ? require('debug') : () => silent`,
}

/** Puts what stands above in place of what dependencies bring. The text of a dependency is never changed. */
export function substitutes(): Plugin {
  return {
    name: 'substitutes',
    setup(build) {
      build.onResolve({ filter: new RegExp(`^(${Object.keys(ADAPTED).join('|')})$`) }, async (args) => {
        if (args.namespace === 'adapted') return null
        return { path: args.path, namespace: 'adapted', pluginData: args.resolveDir }
      })
      build.onLoad({ filter: /.*/, namespace: 'adapted' }, ({ path, pluginData }) => ({
        contents: ADAPTED[path] ?? '',
        resolveDir: String(pluginData),
      }))
      for (const [filter, contents] of REPLACED) {
        build.onLoad({ filter }, ({ path }) => ({ contents, resolveDir: path.replace(/[\\/][^\\/]*$/, '') }))
      }
    },
  }
}
