const CONTINUED = /\\\n/g
const WORD = /(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s;&|()<>'"\\])+/
const TOKEN = new RegExp(`#.*|(?<word>${WORD.source})|(?<end>[\\n;&|()<>])|\\s`, 'g')
/** What may stand before a command: assignments, words of the shell and of a pipeline's file. */
const BEFORE = /^(?:\w+=.*|if|then|else|do|while|exec|npx|!|-|run:)$/s

/** What each `wsctl` of a script is given, by a shell in miniature: words, quotes, comments, ends of commands. */
export function commandLines(script: string): readonly (readonly string[])[] {
  const lines: string[][] = [[]]
  for (const { groups } of script.replaceAll(CONTINUED, ' ').matchAll(TOKEN)) {
    if (groups?.['end'] !== undefined) lines.push([])
    else if (groups?.['word'] !== undefined) lines.at(-1)?.push(groups['word'])
  }
  return lines.flatMap((words) => {
    const command = words.slice(words.findIndex((word) => !BEFORE.test(word)))
    return command[0] === 'wsctl' ? [command.slice(1).map((word) => word.replaceAll(/^(['"])(.*)\1$/gs, '$2'))] : []
  })
}
