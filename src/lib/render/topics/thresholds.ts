import { flagName } from '../../contract/options.js'
import { DEFAULT_THRESHOLDS, type Thresholds } from '../../core/thresholds.js'
import { span } from '../../core/span.js'
import type { Topic, Words } from './topic.js'

const WORDS: Readonly<Record<keyof Thresholds, Words>> = {
  maxErrorRate: {
    means: 'The most routing errors per attempt that are taken, in per cent.',
    why: 'The unified system raised an error. Legacy may have caught the user, which is counted as a fallback as well.',
    next: [
      'to see the present rate: wsctl monitor --duration 1m --on-breach exit',
      'a stricter limit for a busy server: wsctl deploy gradual --max-error-rate 2',
    ],
  },
  maxRoutingErrors: {
    means: 'The most routing errors that are taken within the window, however many users tried.',
    why: 'It is a count, so it needs no minimum of attempts: a burst is noticed before a rate can mean anything.',
    next: ['on a busy server, where even a low rate is a large count: wsctl deploy gradual --max-routing-errors 500'],
  },
  maxFallbackRate: {
    means: 'The most fallback activations per attempt that are taken, in per cent.',
    why: 'These users are connected, but by legacy, after an error of the unified system.',
    next: ['to see the present rate: wsctl monitor --duration 1m --on-breach exit'],
  },
  minSuccessRate: {
    means: 'The least attempts that have to end connected, by either system, in per cent.',
    why: 'An error that no fallback takes leaves a user without a connection.',
    next: [
      'to see whether the fallback is on: wsctl status',
      'to switch it on: wsctl configure --legacy-fallback true',
    ],
  },
  minAdoption: {
    means:
      'The least share of attempts that have to reach the unified system, in per cent of the percentage that is set.',
    why: 'Users who are turned away without an error move no counter. The only trace is that fewer reach the unified system than should. An exact test over the whole step tells that from chance.',
    next: ['to see which system somebody is on: wsctl user user1', 'to look into the cause: wsctl diagnose'],
    also: ['adoption'],
  },
  consecutiveFailures: {
    means: 'So many failed checks in a row are a breach, and take everybody back.',
    why: 'One bad moment is no reason to take everybody back; several in a row are. A check without a valid answer counts as failed.',
    next: ['to act sooner: wsctl deploy gradual --consecutive-failures 2'],
  },
  windowMs: {
    means: 'How far back a check may look.',
    why: 'A check takes what happened since the one before it, and reaches back for as many attempts as a rate needs, but never further than this, nor beyond the start of the step.',
    next: ['where few users connect: wsctl deploy gradual --window 15m'],
  },
  minAttempts: {
    means: 'The attempts that a rate needs before it means anything.',
    why: 'Below it a check is inconclusive. A step that never saw as many is extended once, and then held.',
    next: [
      'to see how long that takes here: wsctl preflight',
      'when one user who reconnects in a loop breaks a rate alone: wsctl deploy gradual --min-attempts 100',
    ],
  },
  pollIntervalMs: {
    means: 'The time between two checks.',
    why: 'Every check is one request, and the server takes about 100 a minute from one client.',
    next: ['where the server refuses requests: wsctl monitor --poll-interval 30s'],
  },
  confirmIntervalMs: {
    means: 'The time between two checks once one has failed.',
    why: 'Whether it was a bad moment should be known soon.',
    next: ['to act sooner: wsctl deploy gradual --confirm-interval 1s'],
  },
}

/** By the name of their flag. */
export const THRESHOLD_TOPICS: readonly Topic[] = keysOf(WORDS).map((key) => ({
  name: nameOf(key),
  kind: 'threshold',
  also: [],
  ...WORDS[key],
  means: `${WORDS[key].means} By default ${describeDefault(key)}.`,
}))

function keysOf(table: typeof WORDS): readonly (keyof Thresholds)[] {
  return Object.keys(table) as (keyof Thresholds)[]
}

function nameOf(key: keyof Thresholds): string {
  return flagName(key).replace(/-ms$/, '')
}

function describeDefault(key: keyof Thresholds): string {
  const value = DEFAULT_THRESHOLDS[key]
  if (key.endsWith('Ms')) return span(value)
  return /Rate|Adoption/.test(key) ? `${value} %` : String(value)
}
