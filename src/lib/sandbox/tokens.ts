import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Whose token it is: an admin's, a plain user's, or that of an admin who was deleted meanwhile. */
export type Account = 'admin' | 'user' | 'deleted'

export interface MintOptions {
  /** How long the token lives, ms; negative: it has expired already. */
  readonly lifeMs?: number
  readonly account?: Account
}

const ACCOUNTS: readonly Account[] = ['admin', 'user', 'deleted']
const LIFE_MS = 24 * 60 * 60_000

/** Mints and checks JWTs (HS256), as the real server does (contract of the admin API, fact 9). */
export class Tokens {
  private readonly key = randomBytes(32)

  /** @param fixed a token that is taken as an admin's as it stands */
  constructor(private readonly fixed: string | null) {}

  mint({ lifeMs = LIFE_MS, account = 'admin' }: MintOptions = {}): string {
    const payload = { sub: account, exp: Math.floor((Date.now() + lifeMs) / 1000) }
    const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`
    return `${body}.${this.sign(body)}`
  }

  /** Whose token it is; null when it is wrong or has expired. */
  check(token: string): Account | null {
    if (token === this.fixed) return 'admin'
    const [header, payload, signature] = token.split('.')
    if (header === undefined || payload === undefined || signature === undefined) return null
    if (!equal(signature, this.sign(`${header}.${payload}`))) return null
    const { sub, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: Account; exp: number }
    return exp * 1000 > Date.now() ? (ACCOUNTS.find((account) => account === sub) ?? null) : null
  }

  private sign(body: string): string {
    return createHmac('sha256', this.key).update(body).digest('base64url')
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function equal(a: string, b: string): boolean {
  const [bytesA, bytesB] = [Buffer.from(a), Buffer.from(b)]
  return bytesA.length === bytesB.length && timingSafeEqual(bytesA, bytesB)
}
