import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import type * as z from 'zod'
import { readAnswer } from '../../../src/lib/adapters/answer.js'
import type { Answer } from '../../../src/lib/adapters/http-transport.js'
import {
  clearCacheSchema,
  configureSchema,
  emergencyRollbackSchema,
  healthSchema,
  statsSchema,
  statusSchema,
  toServerStatus,
  userSchema,
} from '../../../src/lib/contract/admin-api.js'
import { CallError, FAILURE_KINDS } from '../../../src/lib/core/error.js'
import { hasControls } from '../../support/events.js'
import { adminApi, failureOf, Scene, TOKEN } from './axios-scene.js'

const SAMPLES: Readonly<Record<string, z.ZodType>> = {
  'status-fresh': statusSchema,
  'status-after-configure': statusSchema,
  'status-after-emergency-rollback': statusSchema,
  'stats-fresh': statsSchema,
  'stats-after-traffic': statsSchema,
  'stats-real-unified-connection': statsSchema,
  'health-degraded': healthSchema,
  user: userSchema,
  'configure-full-body': configureSchema,
  'emergency-rollback-ok': emergencyRollbackSchema,
  'clear-cache': clearCacheSchema,
}

/** Where a status says what a run believes: in the answer, and in what is made of it. */
const BELIEVED = [
  ['connection_statistics.router_stats.legacy_connections', 'counters.legacy'],
  ['connection_statistics.router_stats.unified_connections', 'counters.unified'],
  ['connection_statistics.router_stats.routing_errors', 'counters.errors'],
  ['connection_statistics.router_stats.fallback_activations', 'counters.fallbacks'],
  ['rollout_statistics.rollout_percentage', 'settings.percentage'],
  ['rollout_statistics.explicit_rollout_users', 'settings.explicitRolloutUsers'],
  ['rollout_statistics.forced_legacy_users', 'settings.forcedLegacyUsers'],
] as const

function sampleText(name: string): string {
  const file = readFileSync(new URL(`../../samples/${name}.json`, import.meta.url), 'utf8')
  return JSON.stringify((JSON.parse(file) as { response: { body: unknown } }).response.body)
}

/** The value at a path of own keys; undefined when there is none. */
function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => {
    return typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined
  }, value)
}

const ODD_NUMBERS = [
  '-1',
  '0.5',
  '-0',
  '1e999',
  '-1e999',
  '1e20',
  '9007199254740993',
  'NaN',
  'Infinity',
  '01',
  '0x1',
  '1_0',
]
const ODD_VALUES = ['null', 'true', '"7"', '""', '[]', '{}', '[0]', '{"__proto__":0}', '[[[[[[[[{}]]]]]]]]']
const ODD_KEYS = ['__proto__', 'constructor', 'toString', '', 'a.b', '\\u0000', 'ROUTING_ERRORS']

/** One change to the text of an answer, at a place given by a share of its length, 0-1. */
type Mutation = (text: string, place: number) => string

function replaceNth(text: string, pattern: RegExp, place: number, replacement: string): string {
  const matches = [...text.matchAll(pattern)]
  const match = matches[Math.min(matches.length - 1, Math.floor(place * matches.length))]
  if (match === undefined) return text
  return text.slice(0, match.index) + replacement + text.slice(match.index + match[0].length)
}

/** Evenly spread, as doubles are not. */
const place = fc.integer({ min: 0, max: 9999 }).map((share) => share / 10_000)

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.constantFrom(...ODD_NUMBERS, ...ODD_VALUES).map((odd): Mutation => (text, place) => {
    return replaceNth(text, /(?<=:)(?:\d+(?:\.\d+)?|true|false|null|"[^"]*")/g, place, odd)
  }),
  fc.constantFrom(...ODD_KEYS).map((key): Mutation => (text, place) => {
    return replaceNth(text, /"\w+"(?=:)/g, place, `"${key}"`)
  }),
  // A key that is gone, one that comes twice, an object in place of another.
  fc.constant<Mutation>((text, place) => replaceNth(text, /"\w+":(?:\d+|true|false|null|"[^"]*"),/g, place, '')),
  fc.constantFrom(...ODD_NUMBERS, ...ODD_VALUES).map((odd): Mutation => (text, place) => {
    return replaceNth(text, /\{/g, place, `{"routing_errors":${odd},"__proto__":{"routing_errors":0},`)
  }),
  fc.constant<Mutation>((text, place) => replaceNth(text, /\{[^{}]*\}/g, place, '{}')),
  fc.constant<Mutation>((text, place) => text.slice(0, Math.floor(place * text.length))),
  fc.string({ unit: 'binary', maxLength: 5 }).map((junk): Mutation => (text, place) => {
    const at = Math.floor(place * text.length)
    return text.slice(0, at) + junk + text.slice(at)
  }),
  fc.constantFrom(10, 1000, 100_000).map((depth): Mutation => (text, place) => {
    return replaceNth(text, /(?<=:)\d+/g, place, '['.repeat(depth) + ']'.repeat(depth))
  }),
  fc.constantFrom(10, 5000).map(
    (depth): Mutation =>
      (text) =>
        '{"a":'.repeat(depth) + text + '}'.repeat(depth),
  ),
)

/** A captured answer with up to three changes, and with bytes that are no UTF-8 now and then. */
const mutated = fc
  .tuple(
    fc.oneof(fc.constant('status-after-configure'), fc.constantFrom(...Object.keys(SAMPLES))),
    fc.array(fc.tuple(mutation, place), { minLength: 1, maxLength: 3 }),
    fc.option(fc.uint8Array({ minLength: 1, maxLength: 4 }), { freq: 1 }),
    place,
  )
  .map(([name, changes, junk, junkPlace]) => {
    const text = changes.reduce((whole, [mutate, at]) => mutate(whole, at), sampleText(name))
    const bytes = Buffer.from(text)
    const at = Math.floor(junkPlace * bytes.length)
    return { name, bytes: junk ? Buffer.concat([bytes.subarray(0, at), junk, bytes.subarray(at)]) : bytes }
  })

const CONTEXT = {
  call: { method: 'GET', url: new URL('http://localhost:8000/api/websocket-admin/status'), api: 'admin' },
  token: TOKEN,
  now: new Date('2026-11-24T09:00:00Z'),
} as const

function answerWith(text: string, change: Partial<Answer> = {}): Answer {
  const body = { complete: true, text } as const
  return { status: 200, contentType: 'application/json', location: null, retryAfter: null, date: null, body, ...change }
}

/** The value of an answer, or the failure that it is; anything else that is thrown is a fault. */
function outcomeOf(answer: Answer, schema: z.ZodType): { readonly value: unknown } | { readonly error: CallError } {
  try {
    return { value: readAnswer(answer, schema, CONTEXT) }
  } catch (error) {
    assert.ok(error instanceof CallError, String(error))
    assert.ok(!hasControls(error.message), 'a message is one line')
    assert.ok(error.message.length < 600)
    assert.ok(!`${error.message} ${error.suggestions.join()}`.includes(TOKEN))
    return { error }
  }
}

describe('an answer that was mangled', () => {
  it('is invalid, or each of its numbers is the one that it holds', function () {
    this.timeout(60_000)
    let believed = 0
    fc.assert(
      fc.property(mutated, ({ name, bytes }) => {
        const text = new TextDecoder().decode(bytes)
        const outcome = outcomeOf(answerWith(text), SAMPLES[name] ?? assert.fail())
        if ('error' in outcome) return assert.equal(outcome.error.failure.kind, 'invalid-answer')
        if (SAMPLES[name] !== statusSchema) return
        believed++
        const status = toServerStatus(statusSchema.parse(outcome.value))
        const json: unknown = JSON.parse(text)
        for (const [theirs, ours] of BELIEVED) {
          const number = valueAt(status, ours)
          assert.ok(Number.isSafeInteger(number) && Number(number) >= 0, `${ours} is ${String(number)}`)
          assert.equal(valueAt(json, theirs), number, theirs)
        }
      }),
      { numRuns: 3000 },
    )
    assert.ok(believed > 0, 'changes to keys that nobody knows are let pass')
  })

  for (const [path] of BELIEVED) {
    it(`is invalid when ${path} is missing, or is no count`, () => {
      const key = path.split('.').at(-1) ?? ''
      const part = path.startsWith('rollout_statistics') ? 'rollout_statistics' : 'router_stats'
      const pattern = new RegExp(`("${part}":\\{[^}]*?)"${key}":\\d+(,?)`)
      const text = sampleText('status-after-configure')
      const missing = text.replace(pattern, '$1').replace(',}', '}')
      const lent = text.replace(pattern, `$1"__proto__":{"${key}":0}$2`)
      const odd = [...ODD_NUMBERS.filter((number) => number !== '-0'), ...ODD_VALUES].map((value) =>
        text.replace(pattern, `$1"${key}":${value}$2`),
      )
      for (const changed of [missing, lent, ...odd]) {
        assert.notEqual(changed, text)
        const outcome = outcomeOf(answerWith(changed), statusSchema)
        assert.ok('error' in outcome, changed)
        assert.equal(outcome.error.failure.kind, 'invalid-answer')
      }
      assert.match(messageOf(missing), new RegExp(`${path}: expected number, received undefined`))
      assert.match(messageOf(lent), new RegExp(`${path}: expected number, received undefined`))
    })
  }

  function messageOf(text: string): string {
    const outcome = outcomeOf(answerWith(text), statusSchema)
    return 'error' in outcome ? outcome.error.message : ''
  }

  it('is a failure of a kind that a run can count, whatever its status, headers and body', () => {
    const header = fc.option(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.webUrl(),
        fc.constantFrom('7', '1e9', '-1', '99999999999999999999999'),
      ),
    )
    const answers = fc.record({
      status: fc.oneof(fc.integer({ min: 100, max: 199 }), fc.integer({ min: 300, max: 999 })),
      contentType: fc.constantFrom('', 'text/html', 'application/json', `text/plain; ${TOKEN}`),
      location: header,
      retryAfter: header,
      text: fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }).map((detail) => JSON.stringify({ detail: `${detail}${TOKEN}${detail}` })),
        fc.json(),
        fc.constantFrom(`<html>${TOKEN}`, `{"detail":{"message":"${TOKEN}"}}`, '{"message":7,"error_code":"E"}'),
      ),
    })
    fc.assert(
      fc.property(answers, ({ text, ...change }) => {
        const outcome = outcomeOf(answerWith(text, change), statusSchema)
        assert.ok('error' in outcome)
        const { kind, status, retryAfterMs } = outcome.error.failure
        assert.ok(FAILURE_KINDS.includes(kind))
        assert.equal(status, change.status)
        assert.ok(retryAfterMs === undefined || (Number.isFinite(retryAfterMs) && retryAfterMs >= 0))
      }),
      { numRuns: 3000 },
    )
  })
})

describe('a server that sends anything', () => {
  const scene = new Scene()
  afterEach(() => scene.close())

  const heads = fc.constantFrom(
    'HTTP/1.1 200 OK',
    'HTTP/1.1 200 OK\r\nContent-Encoding: gzip',
    'HTTP/1.1 200 OK\r\nContent-Encoding: br',
    'HTTP/1.1 200 OK\r\nContent-Encoding: unheard-of',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked',
    'HTTP/1.1 200 OK\r\nContent-Length: 3',
    'HTTP/1.1 200 OK\r\nContent-Length: 99999999',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4',
    'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK',
    'HTTP/1.1 204 No Content',
    'HTTP/1.1 302 Found\r\nLocation: http://[',
    'HTTP/1.1 999 Odd',
    'HTTP/1.1 503 No',
    'HTTP/0.9',
    `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`,
  )
  const responses = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.tuple(heads, mutated).map(([head, { bytes }]) => Buffer.concat([Buffer.from(`${head}\r\n\r\n`), bytes])),
  )

  it('gets a failed call for an answer or a status that holds what it sent, in time', async function () {
    this.timeout(60_000)
    let response = Buffer.alloc(0)
    const server = await scene.raw((socket) => socket.end(response))
    const api = adminApi(server.url, { timeoutMs: 1000, maxAnswerBytes: 1_000_000 })
    await fc.assert(
      fc.asyncProperty(responses, async (bytes) => {
        response = bytes
        try {
          const { counters } = await api.readStatus()
          for (const count of Object.values(counters)) assert.ok(bytes.includes(String(count)))
        } catch (error) {
          assert.ok(error instanceof CallError, String(error))
          assert.notEqual(error.failure.kind, 'timeout', 'what has been sent is not waited for')
        }
      }),
      { numRuns: 300 },
    )
  })

  it('gets a failed call at the latest when the time is up, as for an upgrade that nobody asked for', async () => {
    const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
    const server = await scene.raw((socket) => socket.end(upgrade))
    await failureOf(adminApi(server.url, { timeoutMs: 100 }).readStatus(), 'timeout')
  })
})
