import { VARIABLES } from './env-document.js'

interface Line {
  /** From 1. */
  readonly line: number
  readonly text: string
}

/** What it takes to make one text of another. */
export interface LineChanges {
  /** By their numbers in the text before. */
  readonly removed: readonly Line[]
  /** By their numbers in the text after. */
  readonly added: readonly Line[]
}

/** Longer stretches are not compared line by line, but told as a whole: the comparison grows with the square. */
const LONGEST_STRETCH = 2000

/**
 * The lines in which two files differ.
 *
 * @param show of an environment file, by default: what is none of the server's variables may be a secret, and is masked
 */
export function changedLines(before: string, after: string, show: (line: string) => string = masked): LineChanges {
  const [old, young] = [linesOf(before), linesOf(after)]
  let start = 0
  while (start < old.length && start < young.length && old[start] === young[start]) start++
  let end = 0
  while (end < old.length - start && end < young.length - start && old.at(-1 - end) === young.at(-1 - end)) end++
  const numbered = (lines: readonly string[]): Line[] =>
    lines.slice(start, lines.length - end).map((text, index) => ({ line: start + index + 1, text }))
  const kept = commonLines(numbered(old), numbered(young))
  const changed = (lines: readonly Line[], isKept: (line: Line) => boolean): readonly Line[] =>
    lines.filter((line) => !isKept(line)).map(({ line, text }) => ({ line, text: show(text) }))
  return {
    removed: changed(numbered(old), ({ line }) => kept.old.has(line)),
    added: changed(numbered(young), ({ line }) => kept.young.has(line)),
  }
}

function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/)
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

/** The numbers of the lines of a longest common subsequence. */
function commonLines(
  old: readonly Line[],
  young: readonly Line[],
): { readonly old: ReadonlySet<number>; readonly young: ReadonlySet<number> } {
  const kept = { old: new Set<number>(), young: new Set<number>() }
  if (old.length > LONGEST_STRETCH || young.length > LONGEST_STRETCH) return kept
  // lengths[i][j]: how many lines are common from old[i] and young[j] on.
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint16Array(young.length + 1))
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = young.length - 1; j >= 0; j--) {
      const row = lengths[i]
      if (row) row[j] = old[i]?.text === young[j]?.text ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  for (let [i, j] = [0, 0]; i < old.length && j < young.length;) {
    const [a, b] = [old[i], young[j]]
    if (a === undefined || b === undefined) break
    if (a.text === b.text) {
      kept.old.add(a.line)
      kept.young.add(b.line)
      i++
      j++
    } else if (at(i + 1, j) >= at(i, j + 1)) i++
    else j++
  }
  return kept
}

const OWN = new RegExp(String.raw`^\s*(?:export\s+)?(?:${VARIABLES.join('|')})\s*[=:]`)

function masked(text: string): string {
  if (OWN.test(text) || text.trim() === '') return text
  const [name] = /^\s*(?:export\s+)?[\w.-]+\s*[=:]/.exec(text) ?? []
  return name === undefined ? '(not shown)' : `${name}(not shown)`
}
