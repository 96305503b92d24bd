import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { encodeNoticeSetup, noticeSetupSchema, type NoticeSetup } from '../contract/notification.js'
import { makeFolder } from './make-folder.js'

/** Keeps who is told of a run, for a process that takes it up. Its owner alone can read it. */
export async function writeNoticeSetup(path: string, setup: NoticeSetup): Promise<void> {
  await makeFolder(dirname(path))
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
