import { chmod, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Backups of one file that are kept. */
const KEPT = 10

/** Writes a copy beside the file, named by the time, with the file's own mode; drops the oldest ones. */
export async function writeBackup(path: string, content: Buffer, mode: number, now: Date): Promise<string> {
  const stamp = now.toISOString().replaceAll(/[-:]/g, '')
  const backup = `${path}.wsctl-${stamp}.bak`
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
