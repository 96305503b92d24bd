import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** GitHub takes a summary of 1 MiB for each step, and shows nothing of a longer one. */
const LARGEST_SUMMARY_BYTES = 1024 * 1024
const CUT_OFF = '\n\n… cut off: a summary may be no longer than 1 MiB\n'

/**
 * Adds Markdown to the summary of a step, cut so that the whole file stays within what GitHub takes.
 *
 * @throws Error when the file cannot be written, or has no room left
 */
export async function appendSummary(path: string, markdown: string): Promise<void> {
  await append(path, markdown, (content, presentBytes) => fit(content, LARGEST_SUMMARY_BYTES - presentBytes))
}

/**
 * Sets outputs of a step. A value can be any text: it ends at a mark that nobody can know before.
 *
 * @throws Error when the file cannot be written
 */
export async function appendOutputs(path: string, outputs: Readonly<Record<string, string>>): Promise<void> {
  const mark = `wsctl-${randomUUID()}`
  const text = Object.entries(outputs).map(([name, value]) => `${name}<<${mark}\n${value}\n${mark}\n`)
  await append(path, text.join(''), (content) => content)
}

/** Cuts between lines, because half a line may be half a character. */
function fit(content: Buffer, bytes: number): Buffer {
  if (content.length <= bytes) return content
  const end = content.lastIndexOf('\n', Math.max(0, bytes - Buffer.byteLength(CUT_OFF)))
  if (end <= 0) throw new Error('it has no room left')
  return Buffer.concat([content.subarray(0, end), Buffer.from(CUT_OFF)])
}

/** What stands there may lack the end of its last line. A pipe that nobody reads fails at once, rather than never. */
async function append(
  path: string,
  text: string,
  prepare: (content: Buffer, presentBytes: number) => Buffer,
): Promise<void> {
  const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants
  const file = await open(path, O_APPEND | O_CREAT | O_NONBLOCK | O_WRONLY, 0o600)
  try {
    const { size } = await file.stat()
    await file.writeFile(prepare(Buffer.from(size > 0 ? `\n${text}` : text), size))
  } finally {
    await file.close()
  }
}
