import * as z from 'zod'
import { ORDERS } from '../core/control.js'
import { time } from './shared.js'

/** The `schema` field of an order on its way. */
export const ORDER_SCHEMA = 'wsctl/order@1'

/** An order to a run under way, in a file that the run takes and deletes. */
export const orderSchema = z
  .object({
    schema: z.literal(ORDER_SCHEMA),
    id: z.string(),
    order: z.enum(ORDERS),
    step: z.int().nonnegative().nullable(),
    by: z.string(),
    reason: z.string().nullable(),
    givenAt: time,
  })
  .readonly()
