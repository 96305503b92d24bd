/** What makes a schema out of nothing, or of others. */
const MAKERS = [
  'array',
  'boolean',
  'discriminatedUnion',
  'enum',
  'int',
  'literal',
  'looseObject',
  'null',
  'number',
  'object',
  'preprocess',
  'record',
  'strictObject',
  'string',
  'union',
  'unknown',
]

/** What makes a schema out of the one before it. */
const CHANGES = [
  'clone',
  'default',
  'describe',
  'exactOptional',
  'extend',
  'gt',
  'lt',
  'max',
  'min',
  'nonnegative',
  'nullable',
  'nullish',
  'omit',
  'optional',
  'partial',
  'positive',
  'readonly',
  'refine',
  'regex',
  'register',
  'superRefine',
  'transform',
  'trim',
  'unwrap',
]

/**
 * Stands for zod. A schema is made when somebody looks into it, so that a command makes those that it uses, out of the
 * hundreds that its modules name: what stands for one until then only remembers how it is made. A maker that is not
 * listed makes its schema at once.
 *
 * Nor is a parser compiled for each schema, which takes longer than all that is ever parsed here.
 */
export const LATE_SCHEMAS = `
import * as zod from 'zod'
zod.config({ jitless: true })
const changes = new Set(${JSON.stringify(CHANGES)})
const makers = new WeakMap()

function late(make) {
  let schema
  const made = () => (schema ??= make())
  const standIn = new Proxy({}, {
    get(_, name) {
      if (changes.has(name)) return (...argv) => late(() => made()[name](...argv.map(whole)))
      const value = made()[name]
      return typeof value === 'function' ? value.bind(schema) : value
    },
    has: (_, name) => name in made(),
  })
  makers.set(standIn, made)
  return standIn
}

function whole(value) {
  const made = makers.get(value)
  if (made !== undefined) return made()
  if (Array.isArray(value)) return value.map(whole)
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, makers.get(each)?.() ?? each]))
}

export * from 'zod'
export const toJSONSchema = (schema, options) => zod.toJSONSchema(whole(schema), options)
${MAKERS.map((name) => `const late_${name} = (...argv) => late(() => zod.${name}(...argv.map(whole)))`).join('\n')}
export { ${MAKERS.map((name) => `late_${name} as ${name}`).join(', ')} }`
