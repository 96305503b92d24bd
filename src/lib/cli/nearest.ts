import { distance } from 'fastest-levenshtein'

/** A word in which more than a third of the letters differ is another word. */
const MOST_TYPING_ERRORS = 1 / 3
/** So many letters of the beginning are enough to mean a word. */
const SHORTEST_BEGINNING = 3

/** The word that was probably meant; null when none is near. */
export function nearest(typed: string, words: readonly string[]): string | null {
  const near = words.filter((word) => isNear(typed, word))
  const [best = null] = near.sort((a, b) => typingErrors(typed, a) - typingErrors(typed, b))
  return best
}

function isNear(typed: string, word: string): boolean {
  if (typed.length >= SHORTEST_BEGINNING && word.startsWith(typed)) return true
  return typingErrors(typed, word) <= Math.max(1, word.length * MOST_TYPING_ERRORS)
}

/** Two letters in the wrong order are one error, where they would count as two replaced ones. */
function typingErrors(typed: string, word: string): number {
  const swapped = Array.from(typed, (_, at) => swapAt(typed, at))
  return Math.min(distance(typed, word), ...swapped.map((variant) => distance(variant, word) + 1))
}

function swapAt(word: string, at: number): string {
  return word.slice(0, at) + word.slice(at + 1, at + 2) + word.slice(at, at + 1) + word.slice(at + 2)
}
