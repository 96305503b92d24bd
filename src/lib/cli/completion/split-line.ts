const WORD = /\s*((?:'[^']*'?|"(?:\\.|[^"\\])*"?|\\.|[^\s'"\\])*\\?)/y
const PIECE = /'([^']*)'?|"((?:\\.|[^"\\])*)"?|\\(.?)/gs

/** The words of a line that is still being typed, so that a quote may be open; the last is empty after a space. */
export function splitLine(line: string): readonly string[] {
  const words: string[] = []
  let at = 0
  do {
    WORD.lastIndex = at
    const [whole = '', word = ''] = WORD.exec(line) ?? []
    words.push(unquote(word))
    at += whole.length
    if (whole.length === 0) break
  } while (at < line.length)
  if (/\s$/.test(line) && words.at(-1) !== '') words.push('')
  return words
}

function unquote(word: string): string {
  return word.replaceAll(
    PIECE,
    (_, single?: string, double?: string, escaped?: string) =>
      single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? escaped ?? '',
  )
}
