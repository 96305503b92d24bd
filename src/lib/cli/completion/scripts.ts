import { readFileSync } from 'node:fs'
import type { Shell } from '../../contract/completion.js'

/**
 * What makes a shell ask wsctl how a line goes on. The answer is a line that says of what kind it is, and then
 * a line for each word, with its description after a tab.
 */
export function completionScript(shell: Shell): string {
  return readFileSync(new URL(`../../../../bin/completion/wsctl.${shell}`, import.meta.url), 'utf8')
}
