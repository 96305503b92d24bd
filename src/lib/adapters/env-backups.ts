import { chmod, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Backups of one file that are kept. */
const KEPT = 10
/** A time within the name of a backup, such as `20261124T093000.000Z`. */
const STAMP = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)$/

/**
 * Writes a copy beside the file, named by the time, with the file's own mode; drops the oldest ones. The
 * names never run backwards, even when the clock does: the newest copy is always the last by name.
 */
export async function writeBackup(path: string, content: Buffer, mode: number, now: Date): Promise<string> {
  const [newest] = await listBackups(path)
  const afterMs = newest === undefined ? 0 : timeOf(stampOf(path, basename(newest))) + 1
  const stamp = new Date(Math.max(now.getTime(), afterMs)).toISOString().replaceAll(/[-:]/g, '')
  const backup = `${path}.wsctl-${stamp}.bak`
  await writeFile(backup, content, { flag: 'wx', mode, flush: true })
  // The umask may have taken bits away.
  await chmod(backup, mode)
  for (const old of (await listBackups(path)).slice(KEPT)) await rm(old, { force: true })
  return backup
}

/** The backups of a file, newest first. Only what was named here counts, and so only that is ever dropped. */
export async function listBackups(path: string): Promise<readonly string[]> {
  const names = await readdir(dirname(path))
  return names
    .filter((name) => !Number.isNaN(timeOf(stampOf(path, name))))
    .sort()
    .reverse()
    .map((name) => join(dirname(path), name))
}

/** When a copy was made, by its name; ISO 8601. */
export function takenAt(path: string, backup: string): string {
  return new Date(timeOf(stampOf(path, basename(backup)))).toISOString()
}

/** The part of a name that is the time; empty when it is no name of a backup. */
function stampOf(path: string, name: string): string {
  const prefix = `${basename(path)}.wsctl-`
  return name.startsWith(prefix) && name.endsWith('.bak') ? name.slice(prefix.length, -'.bak'.length) : ''
}

/** Ms of the wall clock; NaN for what is no stamp. */
function timeOf(stamp: string): number {
  return STAMP.test(stamp) ? Date.parse(stamp.replace(STAMP, '$1-$2-$3T$4:$5:$6')) : NaN
}
