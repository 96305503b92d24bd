import { plainMarkdown } from './markdown.js'
import type { Layout } from './palette.js'
import { layList } from './prose.js'
import { renderFields } from './fields.js'
import { wrap } from './text.js'
import { TOPIC_KINDS, type Topic, type TopicKind } from './topics/topic.js'

const INDENT = '  '
/** Longer than this, lines are no longer easy to read, however wide the terminal. */
const WIDEST = 100

/**
 * What a word means, why, and what to do; each of its meanings, if it has several.
 *
 * @param layout commands are printed whole whatever its width: they are there to be copied
 */
export function explanationText(topics: readonly Topic[], layout: Layout): string {
  const { palette } = layout
  return topics
    .map((topic) =>
      [
        palette.strong(titleOf(topic)),
        ...paragraph(topic.means, layout),
        '',
        palette.dim('Why'),
        ...paragraph(topic.why, layout),
        '',
        palette.dim('Next'),
        ...layList(topic.next, Math.min(layout.width, WIDEST), INDENT),
      ].join('\n'),
    )
    .join('\n\n')
}

/** Every word that can be explained, by its kind. */
export function topicListText(topics: readonly Topic[], layout: Layout): string {
  const rows = TOPIC_KINDS.map((kind) => [PLURALS[kind], namesOf(topics, kind).join(', ')] as const)
  return `${renderFields(rows, { ...layout, width: Math.min(layout.width, WIDEST) })}\n\nOne of them: wsctl explain 11`
}

/** All topics as a page of the documentation. */
export function topicsPage(topics: readonly Topic[]): string {
  const sections = TOPIC_KINDS.flatMap((kind) => [
    `## ${capital(PLURALS[kind])}`,
    ...topics.filter((topic) => topic.kind === kind).map(topicMarkdown),
  ])
  return ['# What wsctl says, explained', INTRODUCTION, ...sections].join('\n\n') + '\n'
}

const INTRODUCTION = `The same as \`wsctl explain\` tells: what each exit code, verdict, threshold, phase and code of a refusal
or an error means, why, and what to do next. Codes stand in the \`error.code\` of a \`--json\` document.`

function topicMarkdown(topic: Topic): string {
  const steps = topic.next.map((line) => {
    const [, purpose, command] = /^(.*?): (wsctl .*)$/.exec(line) ?? []
    return command === undefined ? `- ${plainMarkdown(line)}` : `- ${plainMarkdown(purpose ?? '')}: \`${command}\``
  })
  return [`### ${titleOf(topic)}`, plainMarkdown(topic.means), plainMarkdown(topic.why), steps.join('\n')].join('\n\n')
}

const PLURALS: Readonly<Record<TopicKind, string>> = {
  'exit code': 'exit codes',
  verdict: 'verdicts',
  threshold: 'thresholds',
  phase: 'phases',
  code: 'codes',
}

function namesOf(topics: readonly Topic[], kind: TopicKind): readonly string[] {
  return topics
    .filter((topic) => topic.kind === kind)
    .map((topic) => (kind === 'exit code' ? titleOf(topic) : topic.name))
}

function titleOf({ name, kind, also }: Topic): string {
  switch (kind) {
    case 'exit code':
      return `${also.join(', ')} ${name}`
    case 'threshold':
      return `--${name}`
    case 'verdict':
      return `${name} (verdict of a check)`
    case 'phase':
      return `${name} (mode of the server)`
    case 'code':
      return name
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function paragraph(text: string, { width }: Layout): readonly string[] {
  return wrap(text, Math.min(width, WIDEST) - INDENT.length).map((line) => INDENT + line)
}
