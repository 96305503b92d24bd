import { InvalidTokenError, jwtDecode, type JwtPayload } from 'jwt-decode'
import { usageError } from '../core/error.js'

/** Visible ASCII without spaces: all that can stand in an Authorization header. */
const TOKEN = /^[\x21-\x7e]+$/

/**
 * When a token expires by its own word; null when it is no JWT or does not say (contract of the admin
 * API, fact 9).
 */
export function expiryOf(token: string): Date | null {
  try {
    const exp: unknown = jwtDecode<JwtPayload | null>(token)?.exp
    const expiry = typeof exp === 'number' ? new Date(exp * 1000) : null
    return expiry === null || Number.isNaN(expiry.getTime()) ? null : expiry
  } catch (error) {
    if (error instanceof InvalidTokenError) return null
    throw error
  }
}

/**
 * The token within a text, without its outer white space.
 *
 * @param origin names the text in messages, which never show it
 * @throws WsctlError (usage) when the text cannot be a token
 */
export function parseToken(text: string, origin: string): string {
  const token = text.trim()
  if (token === '') throw usageError(`${origin} is empty, where a token was expected`)
  if (/[\r\n]/.test(token)) throw usageError(`${origin} holds more than one line, where only a token was expected`)
  if (TOKEN.test(token)) return token
  throw usageError(
    `${origin} holds spaces or characters that no token has (it is not shown here)`,
    'give the token alone, without quotes and without the word Bearer',
  )
}
