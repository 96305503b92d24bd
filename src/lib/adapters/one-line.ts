/** Longest piece of foreign text in a message, in characters. */
const LONGEST = 200

/**
 * Foreign text made fit for a message: one line, without control or formatting characters (a server
 * must not move the operator's cursor), shortened, and without the secret should it hold one.
 */
export function oneLine(text: string, secret: string | null = null): string {
  const safe = secret === null || secret === '' ? text : text.replaceAll(secret, '[token]')
  const line = Array.from(safe.replace(/[\p{C}\p{Z}]+/gu, ' ').trim())
  return line.length <= LONGEST ? line.join('') : `${line.slice(0, LONGEST - 1).join('')}…`
}
