import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

const WRITABLE_BY_OTHERS = 0o002
const WRITABLE_BY_GROUP = 0o020
const READABLE_BY_ANYBODY_ELSE = 0o044
/** On a folder: only the owner of a file can replace it, as in /tmp. */
const STICKY = 0o1000

/** What others than its owner can do with a file. */
export interface Exposure {
  /** Why what it says cannot be trusted, as the end of a sentence; null when it can. */
  readonly distrust: string | null
  /** What is not as it should be, as the end of a sentence. */
  readonly warning: string | null
}

/**
 * Looks at the rights of a file that only its owner should read or write: it names commands that are run and
 * the server that users are moved on. Who can write the folder can put another file in its place. Systems
 * without such rights tell nothing.
 *
 * @param path of the file itself, not of a link to it
 */
export async function exposureOf(path: string): Promise<Exposure> {
  const self = process.getuid?.()
  if (self === undefined) return { distrust: null, warning: null }
  const [file, folder] = await Promise.all([stat(path), stat(dirname(path))])
  const shared = (mode: number): boolean => (mode & STICKY) === 0
  if ((file.mode & WRITABLE_BY_OTHERS) !== 0) return refused(`can be written by every account (${octal(file.mode)})`)
  if ((folder.mode & WRITABLE_BY_OTHERS) !== 0 && shared(folder.mode)) {
    return refused(`is in a folder in which every account can replace it (${octal(folder.mode)})`)
  }
  if (file.uid !== self && file.uid !== 0) return refused(`belongs to another account (uid ${file.uid})`)
  if ((file.mode & WRITABLE_BY_GROUP) !== 0) return warned(`can be written by its group (${octal(file.mode)})`)
  if ((file.mode & READABLE_BY_ANYBODY_ELSE) !== 0) {
    return warned(`can be read by other accounts (${octal(file.mode)})`)
  }
  return { distrust: null, warning: null }
}

/** Rights as chmod takes them, such as `0644`. */
export function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0')
}

function refused(distrust: string): Exposure {
  return { distrust, warning: null }
}

function warned(warning: string): Exposure {
  return { distrust: null, warning }
}
