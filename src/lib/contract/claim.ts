import * as z from 'zod'
import type { Claim } from '../core/claim.js'
import { CRASH_POLICIES } from '../core/rollout.js'
import { time } from './shared.js'

/** The `schema` field of a claim on disk. */
export const CLAIM_SCHEMA = 'wsctl/claim@1'

/** Of a run whose process died, and which its companion goes on with. Files from before it was kept do not name it. */
const takeoverSchema = z
  .object({
    policy: z.enum(CRASH_POLICIES).describe('hold: sees the step to its end; rollback: takes everybody back'),
    diedPid: z.int().positive().describe('process that died'),
    diedOperator: z.string().describe('who ran it, and where'),
  })
  .readonly()

/** Who is at work on a server, in a file beside the locks. It outlives a process that died. */
export const claimSchema: z.ZodType<Claim> = z
  .object({
    schema: z.literal(CLAIM_SCHEMA),
    rolloutId: z.string(),
    command: z.string(),
    server: z.string(),
    servers: z.array(z.string()).readonly().exactOptional().describe('of a fleet: all of them'),
    operator: z.string(),
    since: time,
    exclusive: z.boolean().describe('whether no other run may work on the server meanwhile'),
    place: z.string().describe('machine, boot and process space in which the number of the process means something'),
    pid: z.int().positive(),
    processStart: z.string().nullable().describe('tells the process from a later one with its number; null: not known'),
    token: z.string().describe('new with every claim'),
    left: z.boolean().describe('the process gave the run up before its end'),
    takeover: takeoverSchema.nullable().default(null).describe('null: nobody died'),
  })
  .readonly()
