import type { Notice } from '../core/notice.js'
import { formatInstant } from './format.js'
import { contactLines, levelOfNotice, noticeFacts, shorten } from './notice.js'
import type { Level } from './palette.js'

const COLOURS: Readonly<Record<Level, string>> = {
  info: 'Default',
  good: 'Good',
  warning: 'Warning',
  bad: 'Attention',
}

/** A message with a card may have 28 KB in all. */
const LONGEST = 4000

/**
 * A message as a webhook of Microsoft Teams Workflows takes it: one Adaptive Card. Foreign words stand
 * in text runs, where Markdown means nothing, so that they can become no link.
 */
export function teamsPayload(notice: Notice): object {
  const facts = noticeFacts(notice).map(([title, value]) => ({ title, value }))
  const contacts = contactLines(notice)
  const { suggestions, title, message, time } = notice
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    fallbackText: shorten(`${title}: ${message}`, LONGEST),
    body: [
      run(title, { size: 'Large', weight: 'Bolder', color: COLOURS[levelOfNotice(notice)] }),
      run(message),
      ...(facts.length > 0 ? [{ type: 'FactSet', facts }] : []),
      ...contacts.map((line) => run(line)),
      ...suggestions.map((line) => run(line, { fontType: 'Monospace' })),
      run(`wsctl, ${formatInstant(time)}`, { isSubtle: true, size: 'Small' }),
    ],
  }
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card }
  return { type: 'message', attachments: [attachment] }
}

function run(text: string, style: Readonly<Record<string, unknown>> = {}): object {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: shorten(text, LONGEST), ...style }] }
}
