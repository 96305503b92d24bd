import type { Check } from '../../core/analysis.js'
import { topicsOf, type Words } from './topic.js'

const WORDS: Readonly<Record<Check['verdict'], Words>> = {
  pass: {
    means: 'There were enough attempts, and every threshold holds.',
    why: 'The check puts the row of failures back to 0. A step passes when its time is over and its last conclusive check passed.',
    next: ['to see all checks of a run: wsctl history'],
  },
  fail: {
    means: 'A threshold is broken. The reason names it, with the numbers behind it and the limit.',
    why: 'It counts towards --consecutive-failures; a rate that chance does not explain is a breach at once (--analysis sequential). While checks fail, the next one comes after --confirm-interval rather than --poll-interval.',
    next: [
      'to see whether it goes on: wsctl monitor --duration 5m --on-breach exit',
      'to look into the cause: wsctl diagnose',
    ],
  },
  inconclusive: {
    means: 'Too few users tried to connect for a rate to mean anything, or a rate is in doubt (--analysis sequential).',
    why: 'Of three attempts, one failure is 33 %. A check looks back as far as --window until it has --min-attempts, and says so when it finds fewer. It neither passes nor fails: the row of failures stays as it is.',
    next: [
      'give each step more time: wsctl deploy gradual --step-duration 1h',
      'look back further: wsctl deploy gradual --window 15m',
      'ask whether the traffic is enough before you begin: wsctl preflight --step-duration 1h',
    ],
    also: ['too-little-traffic'],
  },
  error: {
    means:
      'The server gave no valid answer: it could not be reached, answered an error or too late, or something else than what is asked for.',
    why: 'What is not known does not count as healthy, so it counts as a failed check. A server that is only busy (429) gets the pause that it asks for first; when it refuses the reading after it too, that counts.',
    next: [
      'to see what the server answers: wsctl status',
      'to see which of server, path and token it is: wsctl diagnose',
    ],
  },
}

export const VERDICT_TOPICS = topicsOf('verdict', WORDS)
