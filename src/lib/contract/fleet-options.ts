import * as z from 'zod'
import { DEFAULT_ON_PARTIAL, DEFAULT_QUORUM, PARTIAL_POLICIES } from '../core/fleet.js'
import type { CanaryChoice } from '../core/waves.js'

const QUORUM = 'expected how many of the servers have to answer, from 1 to 100 (per cent), such as 90%'
const CANARIES = 'expected how many servers (2), a share of them (10%), or their addresses with commas between them'

/** A share of servers, %. */
export const quorumSchema = z.preprocess(
  (value) => {
    const [, percent] = typeof value === 'string' ? (/^\s*(\d+(?:\.\d+)?)\s*%?\s*$/.exec(value) ?? []) : []
    return percent === undefined ? value : Number(percent)
  },
  z.number({ error: QUORUM }).min(1, { error: QUORUM }).max(100, { error: QUORUM }),
)

/** `2`, `10%`, or addresses. */
const canariesSchema = z
  .preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string({ error: CANARIES }))
  .transform((typed, context): CanaryChoice => {
    const [, number, sign] = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(typed) ?? []
    if (number === undefined) {
      const servers = typed.split(',').map((server) => server.trim().replace(/\/+$/, ''))
      if (servers.every((server) => URL.canParse(server))) return { by: 'name', servers }
    } else if (sign === '%' && Number(number) > 0 && Number(number) < 100) {
      return { by: 'share', percent: Number(number) }
    } else if (sign === '' && /^[1-9]\d*$/.test(number)) {
      return { by: 'count', count: Number(number) }
    }
    context.addIssue({ code: 'custom', message: CANARIES })
    return z.NEVER
  })

/** What flags say of a fleet. */
export const fleetOptionsSchema = z.strictObject({
  quorum: quorumSchema.default(DEFAULT_QUORUM),
  onPartial: z.enum(PARTIAL_POLICIES).default(DEFAULT_ON_PARTIAL),
  canaryServers: canariesSchema.optional(),
})
