import { DEFAULT_CONFIDENCE, DEFAULT_DESIGN_EFFECT } from '../../core/judging.js'
import { topicsOf, type Words } from './topic.js'

/** By the names of their flags. */
const WORDS: Readonly<Record<'analysis' | 'confidence' | 'design-effect', Words>> = {
  analysis: {
    means:
      'How rates are judged: counted, by failed checks in a row, or sequential, by all that was seen. By default counted.',
    why: 'A rule that is right once in a hundred looks is wrong nearly always after a hundred looks. Sequential analysis may look as often as it likes: it weighs every attempt once, and takes everybody back when chance no longer explains a rate, at the first check that says so. Counts, adoption and checks without an answer are judged as ever.',
    next: [
      'where counted takes users back for nothing: wsctl deploy gradual --analysis sequential',
      'to see how many attempts each step needs: wsctl plan --analysis sequential',
    ],
    also: ['counted', 'sequential', 'odds', 'odds-against-chance'],
  },
  confidence: {
    means: `How sure sequential analysis is that it takes nobody back, in a whole run, while every rate is within its limit. By default ${DEFAULT_CONFIDENCE}.`,
    why: 'A breach needs odds against chance of 1 to 1 - confidence: 100 to 1 at 0.99. More confidence needs more attempts.',
    next: ['to be surer: wsctl deploy gradual --analysis sequential --confidence 0.999'],
  },
  'design-effect': {
    means: `How many failures one cause brings about; so many count as one. By default ${DEFAULT_DESIGN_EFFECT}: each failure stands for itself.`,
    why: 'One broken client that tries ten times is ten failures, and looks like a regression to a rule that believes in ten users. Failures and attempts are divided by the design effect, so a regression takes so many times the attempts to be found.',
    next: ['where clients try up to five times in a row: wsctl deploy gradual --analysis sequential --design-effect 5'],
  },
}

export const ANALYSIS_TOPICS = topicsOf('threshold', WORDS)
