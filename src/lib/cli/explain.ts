import { distance } from 'fastest-levenshtein'
import type { ExplanationDocument } from '../contract/explanation.js'
import { usageError } from '../core/error.js'
import type { BaseCommand } from './base-command.js'

/** How many of the nearest words are named when one is not known. */
const NEAREST = 3

/** Explains a word, or lists all that can be explained. */
export async function explain(command: BaseCommand, typed: string | undefined): Promise<void> {
  const { findTopics, topicNames, TOPICS } = await import('../render/topics/all-topics.js')
  const { explanationText, topicListText } = await import('../render/explain.js')
  const topics = typed === undefined ? TOPICS : findTopics(typed)
  if (typed !== undefined && topics.length === 0) {
    throw usageError(
      `there is nothing to explain of the name ${typed}`,
      ...nearest(typed, topicNames()).map((name) => `did you mean: wsctl explain ${name}`),
      'to see all of them: wsctl explain',
    )
  }
  const document: ExplanationDocument = { schema: 'wsctl/explanation@1', topics: [...topics] }
  command.print(document, ({ out }) =>
    typed === undefined ? topicListText(topics, out) : explanationText(topics, out),
  )
}

/** Names that hold the word come first, then those that are spelt most like it. */
function nearest(typed: string, names: readonly string[]): readonly string[] {
  const word = typed.trim().toLowerCase()
  const far = (name: string): number => (word.length > 2 && name.includes(word) ? 0 : distance(word, name))
  return names
    .filter((name) => far(name) <= Math.max(2, word.length / 2))
    .toSorted((a, b) => far(a) - far(b))
    .slice(0, NEAREST)
}
