import * as z from 'zod'

const probability = z.number().min(0).max(1)
const fromPercentage = z.int().min(0).max(100).default(0)

/** Which calls of the admin API a fault concerns. */
const CALLS = ['all', 'status', 'configure', 'emergency-rollback'] as const

/** What can go wrong in the sandbox. Switched on by flags, and at run time by `POST /__sandbox__/faults`. */
export const faultsSchema = z.strictObject({
  /** Unified connections that raise. */
  fail: z
    .strictObject({
      probability,
      /** Only while the server's percentage is at least this. */
      fromPercentage,
      /** False: legacy does not take them, whatever the server's own setting. */
      withFallback: z.boolean().default(true),
    })
    .nullable()
    .default(null),
  /** Unified connections that are turned away without moving a counter (contract of the admin API, fact 8). */
  refuse: z.strictObject({ probability, fromPercentage }).nullable().default(null),
  /** What the admin API does instead of answering. */
  api: z
    .strictObject({
      kind: z.enum(['error', 'busy', 'hang', 'truncated', 'html']),
      calls: z.enum(CALLS).default('all'),
      /** Requests until it is over; null: until it is switched off. */
      count: z.int().positive().nullable().default(null),
      /** Of `error`. */
      status: z.int().min(500).max(599).default(503),
      /** Of `busy`: the pause that it asks for, s; null: it names none. */
      retryAfter: z.int().min(0).max(3600).nullable().default(10),
      /** True: a write takes effect all the same. */
      applied: z.boolean().default(false),
    })
    .nullable()
    .default(null),
})
export type Faults = z.output<typeof faultsSchema>
export type FaultsInput = z.input<typeof faultsSchema>
export type ApiFault = NonNullable<Faults['api']>

export const NO_FAULTS: Faults = { fail: null, refuse: null, api: null }
