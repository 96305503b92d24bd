import type { Notice } from '../core/notice.js'
import { formatInstant } from './format.js'
import { contactLines, noticeFacts, shorten } from './notice.js'

/** What Slack takes at most, in characters: of a header, a text, a field. */
const HEADER = 150
const TEXT = 3000
const FIELD = 2000

/**
 * A message as an incoming webhook of Slack takes it. Foreign words stand in plain text, where they can
 * neither mention anybody nor become a link; the fallback is escaped.
 */
export function slackPayload(notice: Notice): object {
  const contacts = contactLines(notice)
  const { suggestions } = notice
  return {
    text: shorten(escape(`${notice.title}: ${notice.message}`), TEXT),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: shorten(notice.title, HEADER), emoji: false } },
      { type: 'section', text: plain(notice.message, TEXT) },
      ...fields(noticeFacts(notice)),
      ...(contacts.length > 0 ? [{ type: 'section', text: plain(contacts.join('\n'), TEXT) }] : []),
      ...(suggestions.length > 0 ? [{ type: 'section', text: plain(suggestions.join('\n'), TEXT) }] : []),
      { type: 'context', elements: [plain(`wsctl, ${formatInstant(notice.time)}`, TEXT)] },
    ],
  }
}

function fields(facts: ReturnType<typeof noticeFacts>): readonly object[] {
  if (facts.length === 0) return []
  const field = ([name, value]: readonly [string, string]): object => ({
    type: 'mrkdwn',
    text: shorten(`*${name}*\n${escape(value)}`, FIELD),
  })
  return [{ type: 'section', fields: facts.map(field) }]
}

function plain(text: string, longest: number): object {
  return { type: 'plain_text', text: shorten(text, longest), emoji: false }
}

/** Slack's three control characters. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
