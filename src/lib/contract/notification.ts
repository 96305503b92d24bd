import * as z from 'zod'

export const notificationsSchema = z.array(z.unknown())
export const contactsSchema = z.record(z.string(), z.string())
