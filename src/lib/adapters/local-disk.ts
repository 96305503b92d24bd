import { readFileSync, readlinkSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'

/** Filesystems of Linux that neither a network nor another program answers for. */
const LOCAL = new Set([
  'bcachefs',
  'btrfs',
  'ext2',
  'ext3',
  'ext4',
  'f2fs',
  'jfs',
  'overlay',
  'ramfs',
  'tmpfs',
  'xfs',
  'zfs',
])
/** As many links as Linux follows. */
const MOST_LINKS = 40

/**
 * Whether a folder is, or would be made, on a disk of this machine. It touches nothing that could hang: each part of the
 * path is looked at only when what holds it is local. False where it cannot be told.
 *
 * @param table what Linux says of its mounts, see `man 5 proc_pid_mountinfo`
 */
export function isOnLocalDisk(folder: string, table = '/proc/self/mountinfo'): boolean {
  const types = mountTypes(table)
  const isLocal = (path: string): boolean => LOCAL.has(types.get(path) ?? '')
  if (!isLocal('/')) return false
  // Not made plain first: what `..` leads to depends on the links before it.
  const parts = (isAbsolute(folder) ? folder : `${process.cwd()}/${folder}`).split('/')
  let links = 0
  let path = '/'
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    if (part === '' || part === '.') continue
    const next = part === '..' ? dirname(path) : join(path, part)
    if (types.has(next) && !isLocal(next)) return false
    const target = linkAt(next)
    if (target === null) {
      path = next
      continue
    }
    if (++links > MOST_LINKS) return false
    if (target.startsWith('/')) path = '/'
    parts.unshift(...target.split('/'))
  }
  return true
}

/** The kind of filesystem at each place where one is mounted; the last one covers those before it. */
function mountTypes(table: string): ReadonlyMap<string, string> {
  const rows = linesOf(table).flatMap((line) => {
    const [, place, type] = /^(?:\S+ ){4}(\S+) .* - (\S+) /.exec(line) ?? []
    return place === undefined || type === undefined ? [] : [[unescaped(place), type] as const]
  })
  return new Map(rows)
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}

/** Spaces and the like are written as three octal digits. */
function unescaped(place: string): string {
  return place.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)))
}

/** Where a link leads; null for what is none, or is not there. */
function linkAt(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}
