import { chmod, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Backups of one file that are kept. */
const KEPT = 10

const STAMP = /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)\.bak$/

/**
 * Writes a copy beside the file, named by the time, with the file's own mode; drops the oldest ones. The
 * name sorts behind the newest one whatever the wall clock says: else a copy could be the first to go.
 */
export async function writeBackup(path: string, content: Buffer, mode: number, now: Date): Promise<string> {
  const [newest = ''] = await listBackups(path)
  const lastMs = timeOf(newest)
  const time = lastMs >= now.getTime() ? new Date(lastMs + 1) : now
  const backup = `${path}.wsctl-${time.toISOString().replaceAll(/[-:]/g, '')}.bak`
  await writeFile(backup, content, { flag: 'wx', mode, flush: true })
  // The umask may have taken bits away.
  await chmod(backup, mode)
  for (const old of (await listBackups(path)).slice(KEPT)) await rm(old, { force: true })
  return backup
}

/** The backups of a file, newest first. */
export async function listBackups(path: string): Promise<readonly string[]> {
  const prefix = `${basename(path)}.wsctl-`
  const names = await readdir(dirname(path))
  return names
    .filter((name) => name.startsWith(prefix) && name.endsWith('.bak'))
    .sort()
    .reverse()
    .map((name) => join(dirname(path), name))
}

/** The time in a name, ms since 1970; NaN when it holds none. */
function timeOf(backup: string): number {
  const [, year, month, day, hours, minutes, seconds] = STAMP.exec(backup) ?? []
  return Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}`)
}
