/** Everything that can be explained. */
import { ANALYSIS_TOPICS } from './analysis.js'
import { CALL_TOPICS } from './call-codes.js'
import { FILE_TOPICS } from './file-codes.js'
import { OUTCOME_TOPICS } from './outcomes.js'
import { PHASE_TOPICS } from './phases.js'
import { RUN_TOPICS } from './run-codes.js'
import { THRESHOLD_TOPICS } from './thresholds.js'
import type { Topic } from './topic.js'
import { VERDICT_TOPICS } from './verdicts.js'

export const TOPICS: readonly Topic[] = [
  ...OUTCOME_TOPICS,
  ...VERDICT_TOPICS,
  ...THRESHOLD_TOPICS,
  ...ANALYSIS_TOPICS,
  ...PHASE_TOPICS,
  ...RUN_TOPICS,
  ...CALL_TOPICS,
  ...FILE_TOPICS,
]

/** What a word may mean: several topics where wsctl says one word of several things; none when it is not known. */
export function findTopics(typed: string): readonly Topic[] {
  const word = normal(typed)
  return TOPICS.filter(({ name, also }) => [name, ...also].includes(word))
}

/** Every word that can be typed. */
export function topicNames(): readonly string[] {
  return [...new Set(TOPICS.flatMap(({ name, also }) => [name, ...also]))]
}

/** As a flag, in capitals, with spaces or underscores: it is meant all the same. */
function normal(typed: string): string {
  return typed
    .trim()
    .toLowerCase()
    .replace(/^-+/, '')
    .replaceAll(/[\s_]+/g, '-')
}
