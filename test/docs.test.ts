import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Args, Flags, Parser, type Command, type Interfaces } from '@oclif/core'
import { commandLines } from './support/command-lines.js'
import { readPlanFile } from '../src/lib/cli/plan-file.js'
import { planJsonSchema } from '../src/lib/contract/plan-file.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

interface Page {
  /** Relative to the root. */
  readonly name: string
  readonly text: string
}

/** The pages that are written by hand; what is generated in them is checked along. */
async function readPages(): Promise<readonly Page[]> {
  const docs = (await readdir(join(ROOT, 'docs'))).filter((name) => name.endsWith('.md'))
  const names = ['README.md', 'CHANGELOG.md', ...docs.map((name) => join('docs', name))]
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(join(ROOT, name), 'utf8') })))
}

/** The fenced blocks of a page in one of these languages. */
function blocks({ text }: Page, languages: readonly string[]): readonly string[] {
  return [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].flatMap(([, language = '', content = '']) =>
    languages.includes(language) ? [content] : [],
  )
}

/** Code within sentences and tables. */
function spans({ text }: Page): readonly string[] {
  const prose = text.replaceAll(/^```[^]*?^```$/gm, '')
  return [...prose.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
}

function mapValues<T, U>(values: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]))
}

/** A flag of the manifest as one that can be parsed. */
function toFlag(flag: Command.Flag.Cached, required: boolean): Interfaces.FlagInput[string] {
  const common = { required, ...(flag.char && { char: flag.char }) }
  if (flag.type === 'boolean') return Flags.boolean(common)
  const option = { ...common, ...(flag.options && { options: [...flag.options] }) }
  return flag.multiple === true ? Flags.string({ ...option, multiple: true }) : Flags.string(option)
}

/** Every key for which a JSON Schema has a place, at whatever depth. */
function keysOf(schema: unknown): ReadonlySet<string> {
  if (typeof schema !== 'object' || schema === null) return new Set()
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : []
  return new Set([...own, ...Object.values(schema).flatMap((inner) => [...keysOf(inner)])])
}

describe('the documentation', () => {
  let pages: readonly Page[]
  let commands: readonly Command.Cached[]

  before(async () => {
    pages = await readPages()
    const manifest = JSON.parse(await readFile(join(ROOT, 'oclif.manifest.json'), 'utf8')) as {
      readonly commands: Readonly<Record<string, Command.Cached>>
    }
    commands = Object.values(manifest.commands)
  })

  /** The command that is named by the first words, and what is left for it. */
  function find(
    argv: readonly string[],
  ): { readonly command: Command.Cached; readonly rest: readonly string[] } | null {
    for (const length of [2, 1]) {
      const id = argv.slice(0, length).join(':')
      const command = commands.find((entry) => entry.id === id || entry.aliases.includes(id))
      if (command) return { command, rest: argv.slice(length) }
    }
    return null
  }

  /** @param whole false: what is required may be missing, as in a sentence */
  async function parse(argv: readonly string[], { whole }: { readonly whole: boolean }): Promise<void> {
    if (argv.length === 0 || ['help', '--help', '--version'].includes(argv[0] ?? '')) return
    const found = find(argv)
    assert.ok(found, 'there is no such command')
    const { args, flags, strict = true } = found.command
    const isRequired = ({ required = false }: { readonly required?: boolean }): boolean => required && whole
    await Parser.parse([...found.rest], {
      strict,
      args: mapValues(args, (arg) => Args.string({ ignoreStdin: true, required: isRequired(arg) })),
      flags: mapValues(flags, (flag) => toFlag(flag, isRequired(flag))),
    })
  }

  /** The command lines that do not parse, with why. */
  async function misfits(
    lines: readonly (readonly [place: string, argv: readonly string[]])[],
    options: { readonly whole: boolean },
  ): Promise<readonly string[]> {
    const judged = lines.map(async ([place, argv]) => {
      try {
        await parse(argv, options)
        return []
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        return [`${place}: wsctl ${argv.join(' ')}: ${why.replaceAll('\n', ' ')}`]
      }
    })
    return (await Promise.all(judged)).flat()
  }

  it('shows no command line that wsctl would not take', async () => {
    const lines = pages.flatMap((page) =>
      blocks(page, ['sh', 'yaml'])
        .flatMap(commandLines)
        .map((argv) => [page.name, argv] as const),
    )
    assert.ok(lines.length > 40, `only ${lines.length} command lines were found`)
    assert.deepEqual(await misfits(lines, { whole: true }), [])
  })

  it('names no command or flag in a sentence that there is not', async () => {
    const lines = pages.flatMap((page) =>
      spans(page)
        .flatMap(commandLines)
        .filter((argv) => !commands.some(({ id }) => id.split(':')[0] === argv.join(':')))
        .map((argv) => [page.name, argv] as const),
    )
    assert.ok(lines.length > 20, `only ${lines.length} commands were found`)
    assert.deepEqual(await misfits(lines, { whole: false }), [])

    const known = new Set([...commands.flatMap(({ flags }) => Object.keys(flags)), 'help'])
    const unknown = pages.flatMap((page) =>
      spans(page).flatMap((code) => {
        const name = /^--([\w-]+)/.exec(code)?.[1]
        return name === undefined || known.has(name) ? [] : [`${page.name}: --${name}`]
      }),
    )
    assert.deepEqual(unknown, [])
  })

  it('shows no example in the help that wsctl would not take', async () => {
    const lines = commands.flatMap(({ id, examples = [] }) =>
      examples
        .map((example) => (typeof example === 'string' ? example : example.command))
        .map((text) => text.replace('<%= config.bin %>', 'wsctl').replace('<%= command.id %>', id.replace(':', ' ')))
        .flatMap(commandLines)
        .map((argv) => [id, argv] as const),
    )
    assert.ok(lines.length >= commands.length, `only ${lines.length} examples were found`)
    assert.deepEqual(await misfits(lines, { whole: true }), [])
  })

  it('shows no plan file that wsctl would not take, and explains every key of one', async () => {
    const page = pages.find(({ name }) => name === join('docs', 'plan-files.md'))
    assert.ok(page)
    const folder = await mkdtemp(join(tmpdir(), 'wsctl-test-'))
    try {
      for (const language of ['yaml', 'json']) {
        const plans = blocks(page, [language])
        assert.ok(plans.length > 0, `no plan in ${language} was found`)
        for (const plan of plans) {
          const path = join(folder, `plan.${language}`)
          await writeFile(path, plan)
          await readPlanFile(path)
        }
      }
    } finally {
      await rm(folder, { recursive: true })
    }
    const explained = new Set([...page.text.matchAll(/^\| `([\w$-]+)`/gm)].map(([, key]) => key))
    assert.deepEqual(
      [...keysOf(planJsonSchema())].filter((key) => !explained.has(key)),
      [],
    )
  })

  it('names no test as a proof that there is not', async () => {
    const page = pages.find(({ name }) => name === join('docs', 'safety.md'))
    assert.ok(page)
    const proofs = [...page.text.matchAll(/^\*Proven by:\* ([^]*?)(?=\n\n)/gm)].map(([, proof = '']) =>
      [...proof.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title.replaceAll('\n', ' ')),
    )
    assert.equal(proofs.length, 8, 'each promise has its proof')
    const files = (await readdir(join(ROOT, 'test'), { recursive: true })).filter((name) => name.endsWith('.test.ts'))
    const tests = (await Promise.all(files.map((name) => readFile(join(ROOT, 'test', name), 'utf8')))).join('\n')
    const missing = proofs
      .flat()
      .filter((title) => !["'", '"'].some((mark) => tests.includes(`it(${mark}${title}${mark}`)))
    assert.deepEqual(missing, [])
  })

  it('leads from the README to every page', () => {
    const readme = pages.find(({ name }) => name === 'README.md')
    const unlinked = pages.filter(({ name }) => name.startsWith('docs') && !readme?.text.includes(`](${name})`))
    assert.deepEqual(
      unlinked.map(({ name }) => name),
      [],
    )
  })

  it('links to nothing that is not there', () => {
    const slugs = ({ text }: Page): readonly string[] =>
      [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w\s-]/g, '')
          .replaceAll(' ', '-'),
      )
    const links = pages.flatMap((page) =>
      [...page.text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({ page, target })),
    )
    const local = links.filter(({ target }) => !/^https?:/.test(target))
    assert.ok(local.length > 20, `only ${local.length} links were found`)
    const dead = local.filter(({ page, target }) => {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? join(ROOT, page.name) : join(ROOT, dirname(page.name), path)
      if (!existsSync(file)) return true
      const linked = pages.find(({ name }) => name === relative(ROOT, file))
      return anchor !== undefined && linked !== undefined && !slugs(linked).includes(anchor)
    })
    assert.deepEqual(
      dead.map(({ page, target }) => `${page.name}: ${target}`),
      [],
    )
  })
})
