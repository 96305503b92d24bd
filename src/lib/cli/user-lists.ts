import { readFile } from 'node:fs/promises'
import { parseUserList } from '../contract/user-list.js'
import { usageError } from '../core/error.js'

/**
 * A list of user ids from a flag: ids, commas, repeats, and `@FILE` for the contents of a file.
 *
 * @throws WsctlError (usage) for a file that cannot be read or ids that cannot be
 */
export async function readUserList(flag: string, values: readonly string[]): Promise<readonly string[]> {
  const expanded = await Promise.all(
    values.map(async (value) => (value.startsWith('@') ? readListFile(flag, value.slice(1), '@') : value)),
  )
  return parseUserList(expanded, flag)
}

/**
 * The users that a file names.
 *
 * @throws WsctlError (usage) when it cannot be read, names nobody, or holds ids that cannot be
 */
export async function readUsersFile(flag: string, path: string): Promise<readonly string[]> {
  const users = parseUserList([await readListFile(flag, path, '')], `${flag} ${path}`)
  if (users.length === 0) throw usageError(`${flag} ${path} names nobody`, `give a file with user ids: ${flag} FILE`)
  return users
}

/** @param mark by which the flag tells a file from an id */
async function readListFile(flag: string, path: string, mark: '@' | ''): Promise<string> {
  try {
    // An id that is decoded wrongly would count as known, and unpin the user who is meant.
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (error) {
    throw usageError(
      `${flag} ${mark}${path}: the file cannot be read (${error instanceof Error ? error.message : String(error)})`,
      `give a file with user ids, separated by lines, spaces or commas: ${flag} ${mark}FILE`,
    )
  }
}
