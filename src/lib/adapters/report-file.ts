import { usageError } from '../core/error.js'

/**
 * Writes a report to a file, which is replaced as a whole.
 *
 * @throws WsctlError (usage) when it cannot be written
 */
export async function writeReport(path: string, content: string): Promise<void> {
  try {
    const { default: writeFileAtomic } = await import('write-file-atomic')
    await writeFileAtomic(path, content)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw usageError(
      `the report ${path} cannot be written: ${why}`,
      'name a file in a folder that is there: --output FILE',
    )
  }
}
