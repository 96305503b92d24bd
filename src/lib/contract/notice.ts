import * as z from 'zod'
import { NOTICE_EVENTS, ROLES, type Notice } from '../core/notice.js'
import { count, exitCodeSchema, modeSchema, outcomeSchema, percentage, rate, time } from './shared.js'

const NOTICE_SCHEMA = 'wsctl/notification@1'

/** What a webhook is sent, and a command on its input. */
export const noticeSchema = z.object({
  schema: z.literal(NOTICE_SCHEMA),
  key: z.string().describe('the same for every attempt and every process: what came before may be dropped'),
  event: z.enum([...NOTICE_EVENTS, 'test']),
  rolloutId: z.string().nullable().describe('null: a test'),
  time: time.describe('when it happened, ISO 8601'),
  command: z.string(),
  server: z.string().nullable().describe('base URL; null: a test'),
  title: z.string(),
  message: z.string().describe('one sentence, with the numbers'),
  mode: modeSchema.nullable().describe('as the server last said; null: not known'),
  percentage: percentage.nullable().describe('share of users on unified; null: not known'),
  step: z
    .object({
      number: count.describe('from 1'),
      of: count,
      percentage,
      attempts: count,
      errorRate: rate,
      fallbackRate: rate,
      successRate: rate,
    })
    .readonly()
    .nullable(),
  outcome: outcomeSchema.nullable().describe('null before the end'),
  exitCode: exitCodeSchema.nullable(),
  contacts: z.array(z.object({ role: z.enum(ROLES), contact: z.string() }).readonly()).readonly(),
  suggestions: z.array(z.string()).readonly().describe('what to type next'),
})

/** The document that stands for a notice. */
export function noticeDocument(notice: Notice): z.output<typeof noticeSchema> {
  return { schema: NOTICE_SCHEMA, ...notice }
}

/** `notify test`. */
export const notifyTestSchema = z.object({
  schema: z.literal('wsctl/notify-test@1'),
  outcome: outcomeSchema,
  exitCode: exitCodeSchema,
  targets: z.array(
    z.object({
      target: z.string(),
      delivered: z.boolean(),
      message: z.string().describe('why it was not delivered; else what was done'),
      tookMs: z.number().describe('ms'),
    }),
  ),
})
export type NotifyTest = z.output<typeof notifyTestSchema>

const LINE_SCHEMA = 'wsctl/delivery@1'

const deliverySchema = z.object({
  schema: z.literal(LINE_SCHEMA),
  target: z.string(),
  key: z.string(),
  result: z.enum(['delivered', 'given-up']),
})

/** What became of one message at one target. */
export type Delivery = Omit<z.output<typeof deliverySchema>, 'schema'>

/** One line of the record of deliveries, without its end. */
export function encodeDelivery(delivery: Delivery): string {
  return JSON.stringify({ schema: LINE_SCHEMA, ...delivery })
}

/** Null for a line that is none, such as one that a crash tore. */
export function decodeDelivery(line: string): Delivery | null {
  try {
    return deliverySchema.safeParse(JSON.parse(line)).data ?? null
  } catch {
    return null
  }
}
