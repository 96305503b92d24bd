import { exitCodeOf, OUTCOMES, type Outcome } from '../../core/outcome.js'
import type { Topic, Words } from './topic.js'

const WORDS: Readonly<Record<Outcome, Words>> = {
  completed: {
    means: 'What was asked is done, and was read back from the server where it changed something.',
    why: 'Every step passed on evidence, or the one change that was asked for shows in three readings in a row. An emergency rollback that works ends like this too.',
    next: ['to see where the server stands: wsctl status', 'to see the run line by line: wsctl history'],
  },
  failed: {
    means:
      'wsctl itself is at fault, or a command that only looks has bad news: health says degraded, diagnose found a problem, or what status --wait-for waited for did not come in time.',
    why: 'For a look, the exit code is the answer. Anything else that ends like this is a fault of wsctl, and its message begins with those words.',
    next: [
      'to see what is wrong on the server: wsctl diagnose',
      'to see where the server stands: wsctl status',
      'for a fault of wsctl: run it again with DEBUG=1 and report the stack',
    ],
  },
  usage: {
    means: 'Something that was typed, or a file that was named, cannot be right. Nothing was sent to the server.',
    why: 'Flags, files and settings are checked before the first request, so that a slip of the pen changes nothing. The message names the key, the value and what is legal.',
    next: ['to see what a command takes: wsctl help deploy gradual'],
  },
  'rolled-back': {
    means: 'A threshold stayed broken, and everybody was taken back to legacy. That was read back from the server.',
    why: 'As many checks in a row failed as --consecutive-failures allows. New connections go to legacy; whoever is connected moves when they next connect.',
    next: [
      'to see what broke, with its numbers: wsctl history',
      'to look into the cause: wsctl diagnose',
      'when it is mended, with test users first: wsctl deploy testing --test-users user1 user2',
    ],
  },
  'rollback-unverified': {
    means: 'Users may still be on the unified system: it could not be confirmed that they are back.',
    why: 'The rollback was tried for as long as --rollback-timeout, and at no time did six readings in a row say disabled. The server may be down, refuse the token, or run as several processes. The message says what the last reading showed and when, and whether the server was reached since.',
    next: [
      'at once, the curl line that the run printed, on the server itself if need be',
      'to see where the server stands: wsctl status',
      'to try again: wsctl rollback emergency --reason "the last rollback was not verified"',
    ],
  },
  held: {
    means: 'The run stopped on its way, and the percentage stays where it is.',
    why: 'It was interrupted or held by an operator, saw too little traffic to judge a step or to compare with, waited for a gate beyond its limit, came into a freeze window, or could no longer write its journal. Nothing was raised without evidence, and nobody was taken back without a reason.',
    next: [
      'to go on with the command that the run printed, or from the present percentage: wsctl deploy gradual --initial-percentage 20 --max-percentage 50',
      'to take users back step by step: wsctl rollback gradual',
      'to take everybody back: wsctl rollback emergency',
    ],
  },
  refused: {
    means:
      'Something else has to be settled first: another run, a change by somebody else, lists that are not known, a start that would take users back, or a failed check before the run.',
    why: 'Going on could have undone what somebody else did, or unpinned users. Before a run, nothing was changed; during one, the settings are left as they were found.',
    next: [
      'the command that the message names',
      'to see every check before a run: wsctl preflight',
      'to see where the server stands: wsctl status',
    ],
  },
  unreachable: {
    means: 'The server did not answer, or refused the token. Nothing was changed.',
    why: 'No command acts on a server that it cannot read. Only an emergency rollback tries all the same.',
    next: [
      'to see which of server, path and token it is: wsctl diagnose',
      'to name another address: wsctl status --server https://chat.example.com',
    ],
  },
  breached: {
    means: 'monitor --on-breach exit saw a breach, and changed nothing.',
    why: 'As many checks in a row failed as --consecutive-failures allows, and the command was asked to tell rather than to act.',
    next: [
      'to take everybody back: wsctl rollback emergency --reason "thresholds broke"',
      'to look into the cause: wsctl diagnose',
    ],
  },
}

/** One topic for each way in which a command can end, by its name and by its exit code. */
export const OUTCOME_TOPICS: readonly Topic[] = OUTCOMES.map(({ outcome }) => ({
  name: outcome,
  kind: 'exit code',
  also: [String(exitCodeOf(outcome))],
  ...WORDS[outcome],
}))
