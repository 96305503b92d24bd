/** What GitHub Actions takes for a command when it stands in the output of a step. */

export type AnnotationLevel = 'error' | 'warning' | 'notice'

/**
 * One command, as a line without its end. Whatever is in the texts, it stays one line, and none of it is
 * taken for another property or another command.
 */
export function workflowCommand(
  name: AnnotationLevel | 'group' | 'endgroup',
  message = '',
  { title }: { readonly title?: string } = {},
): string {
  const properties = title === undefined ? '' : ` title=${escapeProperty(title)}`
  return `::${name}${properties}::${escapeData(message)}`
}

/**
 * A line that is no command. GitHub takes the older form, `##[name]`, for one wherever it stands in a line.
 */
export function defused(line: string): string {
  return line.replaceAll('##[', '# #[').replace(/^(\s*):(?=:)/, '$1: ')
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
