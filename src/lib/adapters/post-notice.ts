import { createHash, createHmac } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { FailedDelivery } from '../core/delivery.js'
import type { Notice } from '../core/notice.js'
import type { Clock } from '../ports/clock.js'
import type { NoticeTarget } from '../ports/notices.js'
import { parseRetryAfter } from './answer.js'
import { describeConnectionFailure } from './connection-failure.js'
import { transmit, TransportFailure, type Answer } from './http-transport.js'
import { oneLine } from './one-line.js'

/** Enough for the words of a refusal. */
const LONGEST_ANSWER_BYTES = 64 * 1024

export interface PostOptions {
  readonly type: 'webhook' | 'slack' | 'teams'
  /** Whoever knows it can post there: no message holds more of it than its host. */
  readonly url: URL
  /** Signs what is sent; null: it is not signed. */
  readonly secret: string | null
  /** For one attempt, ms. */
  readonly timeoutMs: number
  readonly wants: (event: Notice['event']) => boolean
  /** What is posted, as JSON. */
  readonly payload: (notice: Notice) => object
  readonly clock: Pick<Clock, 'wallTime'>
}

/** Posts messages to a URL. Redirects are not followed: what is sent goes where it was meant to go, or nowhere. */
export class PostTarget implements NoticeTarget {
  readonly name: string
  readonly id: string
  readonly #options: PostOptions

  constructor(options: PostOptions) {
    const { type, url } = options
    this.#options = options
    this.name = `${type} (${url.host})`
    this.id = targetId(type, url.href)
  }

  wants(event: Notice['event']): boolean {
    return this.#options.wants(event)
  }

  async send(notice: Notice, signal: AbortSignal): Promise<{ readonly delivered: true } | FailedDelivery> {
    const { url, timeoutMs, payload, clock } = this.#options
    const body = Buffer.from(JSON.stringify(payload(notice)))
    const limits = { timeoutMs, maxAnswerBytes: LONGEST_ANSWER_BYTES }
    try {
      const answer = await transmit({ method: 'POST', url, headers: this.#headers(notice, body), body }, limits, signal)
      return answer.status >= 200 && answer.status < 300 ? { delivered: true } : this.#refusal(answer, clock.wallTime())
    } catch (error) {
      if (!(error instanceof TransportFailure)) throw error
      return { delivered: false, reason: this.#silence(error), worthRetrying: true }
    }
  }

  #headers({ key, event }: Notice, body: Buffer): Readonly<Record<string, string>> {
    const { secret, clock } = this.#options
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key, 'Wsctl-Event': event }
    if (secret === null) return headers
    const timestamp = String(Math.floor(clock.wallTime().getTime() / 1000))
    return { ...headers, 'Wsctl-Timestamp': timestamp, 'Wsctl-Signature': `sha256=${sign(secret, timestamp, body)}` }
  }

  #refusal({ status, retryAfter, body }: Answer, now: Date): FailedDelivery {
    const phrase = STATUS_CODES[status] ?? ''
    const words = body.complete ? this.#withoutSecrets(body.text) : ''
    const retryAfterMs = parseRetryAfter(retryAfter, now)
    const what =
      status >= 300 && status < 400 ? ', a redirect, which is not followed' : words === '' ? '' : `: ${words}`
    return {
      delivered: false,
      reason: `it answered ${status} ${phrase}`.trimEnd() + what,
      worthRetrying: status === 408 || status === 425 || status === 429 || status >= 500,
      ...(retryAfterMs !== null && { retryAfterMs }),
    }
  }

  #silence({ reason, code, proxy, tunnel }: TransportFailure): string {
    const { url, timeoutMs } = this.#options
    switch (reason) {
      case 'stopped':
        return 'it had not answered yet'
      case 'timed-out':
        return `no answer within ${timeoutMs / 1000} s`
      case 'no-tunnel':
        return `the proxy ${tunnel?.proxy.host ?? ''} ${tunnel?.failure ?? 'gave no reason'}`
      case 'no-answer':
        return describeConnectionFailure(code, url, proxy)
    }
  }

  /** The words of an answer, unless it is a page, and without what it may repeat of the request. */
  #withoutSecrets(text: string): string {
    const { url, secret } = this.#options
    const secrets = [url.href, `${url.pathname}${url.search}`, url.pathname, url.search, secret ?? '']
    if (text.trimStart().startsWith('<')) return ''
    const safe = secrets.filter((part) => part.length > 1).reduce((rest, part) => rest.replaceAll(part, '…'), text)
    return oneLine(safe)
  }
}

/** HMAC-SHA256 over the timestamp, a full stop and the body as it is sent, in hexadecimal digits. */
function sign(secret: string, timestamp: string, body: Buffer): string {
  return createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')
}

/** Short, the same in every process, and without a way back to what it was made from. */
export function targetId(type: string, place: string): string {
  return `${type}-${createHash('sha256').update(`${type} ${place}`).digest('hex').slice(0, 16)}`
}
