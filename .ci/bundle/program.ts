import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin } from 'esbuild'

/** What oclif is told of the program, in place of `package.json`. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly engines: Readonly<Record<string, string>>
  readonly oclif: Readonly<Record<string, unknown>> & {
    readonly helpClass: string
    readonly hooks: Readonly<Record<string, string>>
  }
}

/** A command, as the manifest describes it. */
interface Described {
  readonly id: string
  readonly aliases: readonly string[]
  readonly flags: object
}

async function describedCommands(root: string): Promise<readonly Described[]> {
  const { commands } = JSON.parse(await readFile(join(root, 'oclif.manifest.json'), 'utf8')) as {
    readonly commands: Readonly<Record<string, Described>>
  }
  return Object.values(commands)
}

/** All names of commands, of which each run has one, or none. */
export async function commandNames(root: string): Promise<readonly string[]> {
  return (await describedCommands(root)).flatMap(({ id, aliases }) => [id, ...aliases])
}

/** Ids of the commands, with the files that they are in. */
async function commandFiles(source: string): Promise<Map<string, string>> {
  const files = await readdir(join(source, 'commands'), { recursive: true })
  return new Map(
    files
      .filter((file) => file.endsWith('.ts'))
      .sort()
      .map((file) => [file.slice(0, -'.ts'.length).replaceAll(/[\\/]/g, ':'), join(source, 'commands', file)]),
  )
}

/**
 * What oclif loads by name: commands, help and hooks. All are in the bundle, and each is evaluated when it is
 * asked for.
 */
export function programModules(root: string, { name, version, engines, oclif }: Manifest): Plugin {
  const source = join(root, 'src')
  const pjson = {
    name,
    version,
    engines,
    oclif: { ...oclif, commands: 'commands' },
  }
  return {
    name: 'program',
    setup(build) {
      build.onResolve({ filter: /^@oclif\/core$/ }, () => ({ path: 'core', namespace: 'program' }))
      build.onLoad({ filter: /^core$/, namespace: 'program' }, () => ({
        contents: coreModule(pjson),
        resolveDir: join(root, 'node_modules/@oclif/core/lib'),
      }))
      build.onLoad({ filter: /[\\/]@oclif[\\/]core[\\/]lib[\\/]config[\\/]plugin-loader\.js$/ }, async () => ({
        contents: pluginLoader(await describedCommands(root)),
        resolveDir: root,
      }))
      build.onLoad({ filter: /[\\/]@oclif[\\/]core[\\/]lib[\\/]module-loader\.js$/ }, async () => {
        const ids = await commandFiles(source)
        ids.set('help', join(root, 'node_modules/@oclif/plugin-help/lib/commands/help.js'))
        const loaders = [...ids].map(([id, file]) => `${JSON.stringify(id)}: () => import(${JSON.stringify(file)}),`)
        const named = [oclif.helpClass, ...Object.values(oclif.hooks)].map(
          (path) => `${JSON.stringify(path)}: () => import(${JSON.stringify(join(root, path))}),`,
        )
        return {
          contents: [
            'const commands = (exports.commands = {',
            ...loaders,
            '})',
            `const modules = { ${named.join(' ')} }`,
            'exports.load = async (_, path) => modules[path]()',
            'exports.loadWithData = async (_, path) => ({ isESM: false, filePath: path, module: await modules[path]() })',
          ].join('\n'),
          resolveDir: root,
        }
      })
    },
  }
}

/** What wsctl takes from oclif, each part evaluated when it is used. */
function coreModule(pjson: object): string {
  const parts = {
    Args: './args.js',
    Command: './command.js',
    Config: './config/index.js',
    Errors: './errors/index.js',
    Flags: './flags.js',
    Help: './help/index.js',
    loadHelpClass: './help/index.js',
  }
  const whole = new Set(['Args', 'Errors', 'Flags'])
  return [
    `Object.defineProperty(exports, '__esModule', { value: true })`,
    ...Object.entries(parts).map(
      ([name, path]) =>
        `Object.defineProperty(exports, '${name}', { enumerable: true, get: () => require('${path}')${whole.has(name) ? '' : `.${name}`} })`,
    ),
    `const pjson = ${JSON.stringify(pjson)}`,
    `const { fileURLToPath } = require('node:url')`,
    `exports.run = (argv, entry) => require('./main.js').run(argv, { root: fileURLToPath(new URL('..', entry)), pjson })`,
  ].join('\n')
}

/**
 * In place of what looks for plugins: the program is the only one, its commands are those of the manifest, and
 * nothing else is read or looked for. Flags are most of the manifest, and only help looks at them: they are read then.
 */
function pluginLoader(described: readonly Described[]): string {
  const heads = described.map((command) => ({ ...command, flags: undefined }))
  return `
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { commands } = require('./node_modules/@oclif/core/lib/module-loader.js')

class Program {
  constructor(root, pjson) {
    const { name, version, oclif } = pjson
    const hooks = Object.entries(oclif.hooks).map(([event, target]) => [event, [{ identifier: 'default', target }]])
    Object.assign(this, { name, alias: name, version, pjson, root })
    Object.assign(this, { type: 'core', isRoot: true, valid: true, hasManifest: true, children: [] })
    this.hooks = Object.fromEntries(hooks)
    this.commands = JSON.parse(${JSON.stringify(JSON.stringify(heads))}).map((command) => ({
      ...command,
      flags: this.flagsOf(command.id),
      pluginAlias: name,
      pluginType: 'core',
      load: () => this.findCommand(command.id),
    }))
    this.commandIDs = this.commands.map(({ id }) => id)
    this.topics = Object.entries(oclif.topics).map(([topic, more]) => ({ ...more, name: topic }))
  }

  get manifest() {
    this.read ??= JSON.parse(readFileSync(join(this.root, 'oclif.manifest.json'), 'utf8'))
    return this.read
  }

  flagsOf(id) {
    const flags = () => this.manifest.commands[id].flags
    return new Proxy({}, {
      get: (_, name) => flags()[name],
      has: (_, name) => name in flags(),
      ownKeys: () => Reflect.ownKeys(flags()),
      getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(flags(), name),
    })
  }

  async findCommand(id) {
    const { default: command } = await commands[id]()
    return Object.assign(command, { id, plugin: this })
  }
}

let program

exports.default = class {
  constructor({ root }) {
    this.root = root
  }

  async loadRoot({ pjson }) {
    return (program ??= new Program(this.root, pjson))
  }

  async loadChildren({ rootPlugin }) {
    return { errors: [], plugins: new Map([[rootPlugin.name, rootPlugin]]) }
  }
}
Object.defineProperty(exports, '__esModule', { value: true })`
}
