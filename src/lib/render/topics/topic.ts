/** What can be explained, and in what order the kinds are told. */
export const TOPIC_KINDS = ['exit code', 'verdict', 'threshold', 'phase', 'code'] as const
export type TopicKind = (typeof TOPIC_KINDS)[number]

/** One thing that wsctl says, for somebody who reads it for the first time. */
export interface Topic {
  /** As wsctl says it. */
  readonly name: string
  readonly kind: TopicKind
  /** What else may be typed for it. */
  readonly also: readonly string[]
  readonly means: string
  readonly why: string
  /** What to do, most useful first; `purpose: command` where it can be typed. */
  readonly next: readonly string[]
}

/** A topic but for its name. */
export interface Words {
  readonly means: string
  readonly why: string
  readonly next: readonly string[]
  readonly also?: readonly string[]
}

/** Topics of one kind, from their words by name. */
export function topicsOf(kind: TopicKind, table: Readonly<Record<string, Words>>): readonly Topic[] {
  return Object.entries(table).map(([name, words]) => ({ name, kind, also: [], ...words }))
}
