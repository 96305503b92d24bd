import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Parser, type Command } from '@oclif/core'

const FOLDER = fileURLToPath(new URL('../../src/commands', import.meta.url))

/** Every command by what is typed for it, such as `deploy gradual`. */
export async function loadCommands(): Promise<ReadonlyMap<string, typeof Command>> {
  const files = (await readdir(FOLDER, { recursive: true })).filter((name) => name.endsWith('.ts')).sort()
  const commands = files.map(async (file) => {
    const module = (await import(join(FOLDER, file))) as { readonly default: typeof Command }
    return [file.slice(0, -'.ts'.length).replaceAll('/', ' '), module.default] as const
  })
  return new Map(await Promise.all(commands))
}

/**
 * Reads a line as a shell would split it and its command would parse it, and runs nothing.
 *
 * @param line such as `wsctl status --json | jq .rollout`
 * @throws when there is no such command, or it does not take what is typed
 */
export async function parseLine(line: string, commands: ReadonlyMap<string, typeof Command>): Promise<void> {
  const [program, ...words] = splitWords(line.split(/ [|>] /)[0] ?? '')
  const typed = [2, 1].map((count) => words.slice(0, count).join(' ')).find((name) => commands.has(name))
  const command = typed === undefined ? undefined : commands.get(typed)
  if (program !== 'wsctl' || typed === undefined || command === undefined) throw new Error(`no command: ${line}`)
  const { args, strict } = command
  await Parser.parse(words.slice(typed.split(' ').length), {
    args,
    strict,
    flags: { ...command.baseFlags, ...command.flags },
  })
}

function splitWords(line: string): readonly string[] {
  const words = [...line.matchAll(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g)].map(([word]) => word)
  return words.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"|\\(.)/g, '$1$2$3'))
}
