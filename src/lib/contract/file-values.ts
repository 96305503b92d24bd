/** Values in a file, which may be typed as a number or as text. */
import * as z from 'zod'
import { durationSchema, type DurationOptions } from './options.js'

type JsonSchema = z.core.JSONSchema.JSONSchema

/** What an editor is told of a value that may be typed in more than one way. */
const typedForms = z.registry<{ readonly form: (read: JsonSchema) => JsonSchema }>()

const DURATION = String.raw`^\s*\d+(\.\d+)?(ms|s|m|h)\s*$`
const DURATION_OR_MINUTES = String.raw`^\s*\d+(\.\d+)?(ms|s|m|h)?\s*$`

/** A duration; here a number is what was typed, never ms. */
export function fileDuration(options: DurationOptions) {
  const form: JsonSchema =
    options.bareNumber === 'minutes'
      ? {
          anyOf: [
            { type: 'string', pattern: DURATION_OR_MINUTES },
            { type: 'number', exclusiveMinimum: 0, description: 'minutes' },
          ],
        }
      : { type: 'string', pattern: DURATION }
  return z
    .preprocess((value) => (typeof value === 'number' ? String(value) : value), durationSchema(options))
    .register(typedForms, { form: () => form })
}

/** A number, which may also be typed as text. */
export function fileNumber(schema: z.ZodType<number>, { sign = '' } = {}): z.ZodType<number> {
  const pattern = String.raw`^\s*\d+(\.\d+)?${sign === '' ? '' : String.raw`\s*${sign}?`}\s*$`
  return schema.clone().register(typedForms, { form: (read) => ({ anyOf: [read, { type: 'string', pattern }] }) })
}

/** The JSON Schema of a file, for editors: of what may be typed, not of what is made of it. */
export function fileJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const typed = typedForms.get(zodSchema)
      if (typed === undefined) return
      const { description, ...read } = jsonSchema
      for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key)
      Object.assign(jsonSchema, description === undefined ? {} : { description }, typed.form(read))
    },
  })
}
