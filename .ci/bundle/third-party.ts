import { readdir, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//

/** Who made what is bundled, and under which terms: each text once, below those that it holds for. */
export async function thirdPartyNotices(root: string, inputs: readonly string[]): Promise<string> {
  const folders = new Set(inputs.flatMap((input) => PACKAGE.exec(withoutNamespace(input))?.[1] ?? []))
  const holders = new Map<string, Set<string>>()
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(await readFile(resolve(root, folder, 'package.json'), 'utf8')) as {
      readonly name: string
      readonly version: string
      readonly license?: string
    }
    const text = (await licenseText(resolve(root, folder))) ?? `${license ?? 'no licence is named'}\n`
    holders.set(text, (holders.get(text) ?? new Set()).add(`${name} ${version}`))
  }
  return [...holders]
    .map(([text, names]) => `${[...names].join(', ')}\n\n${text.trim()}\n`)
    .join(`\n${'-'.repeat(72)}\n\n`)
}

async function licenseText(folder: string): Promise<string | null> {
  const name = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file))
  return name === undefined ? null : readFile(resolve(folder, name), 'utf8')
}

/** A stand-in belongs to the package that it stands for. */
function withoutNamespace(input: string): string {
  return input.replaceAll('\\', '/').replace(/^late-[a-z]+:/, '')
}
