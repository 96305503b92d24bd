/** How rates are judged, as it is typed on flags and in files, and as documents tell it. */
import * as z from 'zod'
import { ANALYSES, COUNTED, DEFAULT_CONFIDENCE, DEFAULT_DESIGN_EFFECT, type Analysis } from '../core/judging.js'
import { fileNumber } from './file-values.js'
import { confidenceSchema, designEffectSchema, flagName } from './options.js'

const ruleSchema = z.enum(ANALYSES, { error: `expected one of ${ANALYSES.join(', ')}` })

/** As it is typed. What belongs to the sequential rule alone is checked under the other one as well, and not used. */
export const analysisOptionsSchema = z
  .strictObject({
    analysis: ruleSchema.default('counted'),
    confidence: confidenceSchema.default(DEFAULT_CONFIDENCE),
    designEffect: designEffectSchema.default(DEFAULT_DESIGN_EFFECT),
  })
  .transform(({ analysis, ...rest }): Analysis => (analysis === 'counted' ? COUNTED : { rule: analysis, ...rest }))

const ANALYSIS_KEYS = ['analysis', 'confidence', 'designEffect'] as const satisfies readonly (keyof z.input<
  typeof analysisOptionsSchema
>)[]

/** The names of the flags, and of the keys in files. */
export const ANALYSIS_NAMES: readonly string[] = ANALYSIS_KEYS.map(flagName)

/**
 * What says how rates are judged among named values, such as flags, by the keys of the schema.
 *
 * @param named by the names of the flags
 */
export function analysisValues(named: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    ANALYSIS_KEYS.flatMap((key) => {
      const value = named[flagName(key)]
      return value === undefined ? [] : [[key, value]]
    }),
  )
}

/** In a file: the words are those of the flags. */
export const fileAnalysisKeys = {
  analysis: ruleSchema.optional().describe('how rates are judged (counted)'),
  confidence: fileNumber(confidenceSchema, { sign: '%' })
    .optional()
    .describe(`of sequential analysis, between 0.5 and 1 (${DEFAULT_CONFIDENCE})`),
  'design-effect': fileNumber(designEffectSchema)
    .optional()
    .describe(`of sequential analysis: failures that one cause brings about (${DEFAULT_DESIGN_EFFECT})`),
}

/** In documents and events. */
export const analysisSchema = z
  .discriminatedUnion('rule', [
    z.object({ rule: z.literal('counted') }).readonly(),
    z
      .object({
        rule: z.literal('sequential'),
        confidence: z.number().describe('that nobody is taken back by chance in the whole run, 0.5-1'),
        designEffect: z.number().describe('failures that count as one'),
      })
      .readonly(),
  ])
  .describe('how rates are judged')
