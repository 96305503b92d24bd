import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { encodeNoticeSetup, noticeSetupSchema, type NoticeSetup } from '../contract/notification.js'

/** Keeps who is told of a run, for a process that takes it up. Its owner alone can read it. */
export async function writeNoticeSetup(path: string, setup: NoticeSetup): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFileAtomic(path, encodeNoticeSetup(setup), { mode: 0o600 })
}

/** Null when the run tells nobody, or what is there cannot be read. */
export async function readNoticeSetup(path: string): Promise<NoticeSetup | null> {
  try {
    return noticeSetupSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return null
  }
}
