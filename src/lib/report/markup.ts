/** Markup that is safe to put into a page. */
export class Markup {
  private constructor(readonly text: string) {}

  /** Text that is markup already, such as a drawing; never what somebody else wrote. */
  static trusted(text: string): Markup {
    return new Markup(text)
  }
}

/** What may stand in a template: text is escaped, markup stays, null is nothing. */
type Part = Markup | string | number | null | readonly Part[]

/** A template of markup in which everything that is not markup itself is escaped, in text as in quoted attributes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return Markup.trusted(strings.reduce((text, string, index) => text + render(parts[index - 1] ?? null) + string))
}

function render(part: Part): string {
  if (part === null) return ''
  if (part instanceof Markup) return part.text
  return typeof part === 'string' || typeof part === 'number' ? escape(String(part)) : part.map(render).join('')
}

/** A number stays with its per cent sign. */
const BEFORE_UNIT = / (?=%)/g
const NO_BREAK_SPACE = '\u00A0'
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replaceAll(BEFORE_UNIT, NO_BREAK_SPACE).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
