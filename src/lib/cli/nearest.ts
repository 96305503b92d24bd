import { distance } from 'fastest-levenshtein'

/**
 * The name that was most likely meant; null when none is near enough to be. Two letters that changed places
 * are one slip. Of names that are as near, one of which letters were only left out comes first, then one that is
 * as long as what was typed.
 */
export function nearestName(typed: string, names: readonly string[]): string | null {
  const [nearest] = names
    .map((name) => ({
      name,
      slips: slipsBetween(typed, name),
      isShortened: leavesOut(typed, name),
      offset: Math.abs(name.length - typed.length),
    }))
    .sort((a, b) => a.slips - b.slips || Number(b.isShortened) - Number(a.isShortened) || a.offset - b.offset)
  return nearest !== undefined && nearest.slips <= mostSlips(typed) ? nearest.name : null
}

function leavesOut(typed: string, name: string): boolean {
  const found = Array.from(name).reduce((count, letter) => (letter === typed[count] ? count + 1 : count), 0)
  return found === typed.length
}

/** A third of the letters: with more slips than that it is another word. */
function mostSlips({ length }: string): number {
  return Math.max(1, Math.floor(length / 3))
}

/** Letters to add, leave out, replace, or once to let change places with the next. */
function slipsBetween(typed: string, name: string): number {
  const swapped = Array.from(typed.slice(1), (letter, index) => {
    const mended = `${typed.slice(0, index)}${letter}${typed[index]}${typed.slice(index + 2)}`
    return 1 + distance(mended, name)
  })
  return Math.min(distance(typed, name), ...swapped)
}
