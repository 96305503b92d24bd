import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'

const SUM_BYTES = 4
/** Bits of a mode by which others may write. */
const OTHERS_WRITE = 0o022
/** What was not written anew for so long is of a build that is gone, ms. */
const FORGOTTEN_MS = 30 * 24 * 60 * 60 * 1000

/**
 * Reads what `writeCache` wrote. Node dies of a cache that is damaged, so it is believed only when its sum is right; and
 * whoever can write it decides what is run here, so it has to belong to this very user.
 *
 * @returns null when there is nothing that can be used, for whatever reason
 */
export function readCache(path: string): Buffer | null {
  let file: number | null = null
  try {
    file = openSync(path, 'r')
    if (!isPrivate(fstatSync(file))) return null
    const bytes = readFileSync(file)
    const data = bytes.subarray(SUM_BYTES)
    return data.length > 0 && bytes.readUInt32LE(0) === crc32(data) ? data : null
  } catch {
    return null
  } finally {
    if (file !== null) closeSync(file)
  }
}

/** Puts a cache in place as a whole, and removes those that were forgotten. Without a place for it nothing is made. */
export function writeCache(path: string, make: () => Buffer): void {
  const folder = dirname(path)
  if (!isOurs(folder)) return
  const temporary = `${path}.${process.pid}`
  try {
    const data = make()
    const sum = Buffer.alloc(SUM_BYTES)
    sum.writeUInt32LE(crc32(data))
    writeFileSync(temporary, Buffer.concat([sum, data]), { mode: 0o600, flag: 'wx' })
    renameSync(temporary, path)
    removeForgotten(folder)
  } catch {
    rmSync(temporary, { force: true })
  }
}

/** Whether there is such a folder, made if need be, that this user alone may write to. */
export function isOurs(folder: string): boolean {
  try {
    makeFolder(folder)
    return isPrivate(statSync(folder))
  } catch {
    return false
  }
}

/** Level by level: Node's own way never ends where a folder exists in which none can be made, as in `/proc`. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}

function isPrivate({ uid, mode }: Stats): boolean {
  return uid === (process.geteuid?.() ?? uid) && (process.platform === 'win32' || (mode & OTHERS_WRITE) === 0)
}

function removeForgotten(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (Date.now() - statSync(path).mtimeMs > FORGOTTEN_MS) rmSync(path, { recursive: true, force: true })
  }
}
