/**
 * The program: a shell that asks how a line goes on is answered without loading what runs commands, because
 * somebody waits for it within a word.
 *
 * @param entry `import.meta.url` of the file in `bin`
 */
export async function start(entry: string): Promise<void> {
  const [first, ...rest] = process.argv.slice(2)
  if (first === '__complete') {
    const { answerShell } = await import('./completion/answer.js')
    return answerShell(rest, new URL('../oclif.manifest.json', entry))
  }
  const { main } = await import('./main.js')
  return main(entry)
}
