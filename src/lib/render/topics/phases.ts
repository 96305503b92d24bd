import type { Mode } from '../../core/server.js'
import { topicsOf, type Words } from './topic.js'

const WORDS: Readonly<Record<Mode, Words>> = {
  disabled: {
    means: 'Nobody is sent to the unified system, not even who is on the rollout list.',
    why: 'This is where a server begins, and where every rollback ends. A percentage that is still set counts for nothing until the mode changes.',
    next: ['to begin with test users: wsctl deploy testing --test-users user1 user2'],
    also: ['legacy'],
  },
  testing: {
    means: 'Phase 1: only the users on the rollout list are sent to the unified system.',
    why: 'A few people who know try it first. Three users are no statistics, so nothing is observed: look yourself.',
    next: [
      'to see which system somebody is on: wsctl user user1',
      'then, for everybody: wsctl deploy gradual --max-percentage 50',
    ],
    also: ['phase1'],
  },
  gradual: {
    means: 'Phase 2: the rollout list and a percentage of everybody else are sent to the unified system.',
    why: 'A hash of the user id gives each user a bucket from 0 to 99, and a bucket below the percentage is unified. Whoever has moved stays moved while the percentage rises. Users move when they next connect.',
    next: [
      'to go on from 50 %: wsctl deploy gradual --initial-percentage 50 --max-percentage 100 --step-size 10 --step-duration 60',
      'to go down: wsctl rollback gradual',
    ],
    also: ['phase2'],
  },
  full: {
    means: 'Phase 3: everybody is sent to the unified system, but for users who are forced to legacy.',
    why: 'Legacy stays available as the fallback. The migration is over when the days after it were quiet.',
    next: ['to watch it for two days: wsctl monitor --duration 48h'],
    also: ['phase3'],
  },
}

export const PHASE_TOPICS = topicsOf('phase', WORDS)
