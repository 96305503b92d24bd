import type { RollbackCause } from '../../core/rollout.js'
import { topicsOf, type Words } from './topic.js'

const HISTORY = 'to see the run line by line: wsctl history'
const STATUS = 'to see where the server stands: wsctl status'
const BACK = 'to take everybody back: wsctl rollback emergency'
const RESUME = 'to take it up again: wsctl rollout resume'

/** Why a run rolled back. */
const CAUSES: Readonly<Record<RollbackCause, Words>> = {
  requested: {
    means: 'The rollback was asked for by an operator.',
    why: 'It is what rollback emergency does.',
    next: [STATUS, HISTORY],
  },
  breach: {
    means: 'A threshold stayed broken, or the server restarted twice within one step.',
    why: 'As many checks in a row failed as --consecutive-failures allows. What follows is the rollback, or with --on-breach exit the end of the watch.',
    next: ['to look into the cause: wsctl diagnose', HISTORY],
  },
  interrupt: {
    means: 'The run was interrupted, and was to roll back in that case (--on-interrupt rollback).',
    why: 'Ctrl-C or SIGTERM came while the percentage was being raised or watched.',
    next: [HISTORY, STATUS],
  },
  inconclusive: {
    means: 'A step ended with too little traffic to say whether it is safe.',
    why: 'It saw fewer than --min-attempts, even after it was extended. By default the run is then held; --on-inconclusive says otherwise.',
    next: [
      'to see whether the traffic is enough for longer steps: wsctl preflight --step-duration 1h',
      'to go on without proof, if you must: wsctl deploy gradual --on-inconclusive advance',
    ],
  },
  crash: {
    means: 'The process of the run died, and another took the run up to end it as --on-crash says.',
    why: 'By default the step under way is seen to its end, and nothing more is raised. With --on-crash rollback everybody is taken back.',
    next: [HISTORY, STATUS],
  },
  abort: {
    means: 'An operator ended the run from elsewhere, and had it take everybody back (rollout abort).',
    why: 'The record of the run says who, and why when a reason was given.',
    next: [HISTORY, STATUS],
  },
  partial: {
    means: 'A step came to some servers of a fleet and not to others, and everybody was to be taken back in that case.',
    why: 'With --on-partial rollback that is what follows at once; else it follows when the servers that answer cannot be put back to the step before.',
    next: [HISTORY, STATUS],
  },
  gate: {
    means: 'A gate stayed shut for longer than its limit, and the plan says to roll back in that case.',
    why: 'Nobody approved the step in time, or the command or the address that was asked kept saying no.',
    next: [HISTORY, STATUS],
  },
}

const ENDS: Readonly<Record<string, Words>> = {
  'refused-token': {
    means: 'The server refused the token on every call of an emergency rollback, so nothing was changed.',
    why: 'Trying again with the same token is useless, so it was not tried any longer.',
    next: ['with another token: wsctl rollback emergency --token-file token.txt', STATUS],
  },
  'journal-failed': {
    means: 'The run could no longer be recorded, so nothing more is raised.',
    why: 'What is decided is on disk before it is done. Without that, nobody could take the run up after a crash. Lowering is never held up by it.',
    next: ['see whether the disk of the records is full', STATUS, BACK],
  },
  'not-applied': {
    means: 'The one change that was asked for does not show on the server.',
    why: 'It was written and read back several times, and the server shows something else.',
    next: [STATUS, 'to see what the server answers: wsctl diagnose'],
  },
  'partial-write': {
    means: 'A step came to some servers of a fleet and not to others, so the run was held.',
    why: 'A server did not take what was set, however often it was tried. The others were put back to the step before, or keep the step with --on-partial hold. The message names who did not take it.',
    next: [STATUS, HISTORY, BACK],
  },
  'write-refused': {
    means: 'The server refused what was to be set, for good: asking again would change nothing.',
    why: 'It answered with a status such as 422 or 404, and readings show that nothing was changed. Its words are in the message.',
    next: [STATUS, 'to see what the server answers: wsctl diagnose'],
  },
  interrupted: {
    means: 'The run was interrupted by Ctrl-C or SIGTERM, and the percentage stays where it is.',
    why: 'Holding is the default: a slip of the hand takes nobody back. A watch without an end simply ends. A reading that was under way is given up; a write is waited for, because its outcome has to be known.',
    next: [
      'to go on from the present percentage: wsctl deploy gradual --initial-percentage 20 --max-percentage 50',
      BACK,
    ],
  },
  'foreign-change': {
    means:
      'The server was changed from outside while the run was at work, and the change is left alone. The message names what changed, and who changed it when this machine has that on record.',
    why: 'What was read is no longer what was written, over several fresh connections. If it was a rollback, raising again would undo it.',
    next: ['to see who changed what from here: wsctl audit', STATUS, 'ask the others before you start again'],
  },
  'several-processes': {
    means: 'Several server processes answer at this address, each with settings and counters of its own.',
    why: 'Readings over fresh connections contradict each other. What is written reaches one process only, so users of the others stay where they are.',
    next: [
      'name each process by its own address: wsctl rollback emergency --server http://10.0.0.5:8001',
      'or let the server run as a single process while users are moved',
      'to see whether they still contradict each other: wsctl diagnose',
    ],
  },
  held: {
    means: 'An operator ended the run from elsewhere, where it was (rollout hold).',
    why: 'The percentage stays. The record of the run says who, and why when a reason was given.',
    next: [
      'to go on from the present percentage: wsctl deploy gradual --initial-percentage 20 --max-percentage 50',
      BACK,
    ],
  },
  'gate-shut': {
    means: 'A gate stayed shut for longer than its limit, so the run ended where it is.',
    why: 'The step has passed, but nobody approved it in time, or what was asked kept saying no.',
    next: [
      'to go on from the present percentage: wsctl deploy gradual --initial-percentage 20 --max-percentage 50',
      BACK,
    ],
    also: ['gate'],
  },
  frozen: {
    means: 'Nothing is raised now: it is within a freeze window (--freeze).',
    why: 'A freeze stops raising, never lowering. A run that had begun is held, one that had not is refused.',
    next: ['begin again once the window is over', BACK],
    also: ['freeze'],
  },
  'no-baseline': {
    means: 'The observation before the first step found too little, so the run ended before it.',
    why: 'Limits that are relative to a baseline need as many attempts before the first step as any rate does, and a server that answers.',
    next: [
      'to observe for longer: wsctl deploy gradual --baseline 10m --max-error-rate-increase 1.5x',
      'to see whether anybody connects: wsctl status --watch',
    ],
    also: ['baseline'],
  },
  unsteady: {
    means: 'The counters went down again and again before the first step, so the run ended before it.',
    why: 'Either the server restarts all the time, or several processes answer at this address. Neither can be judged.',
    next: ['to see which: wsctl diagnose', STATUS],
  },
  left: {
    means: 'The run that was watched from elsewhere was left without a process before its end.',
    why: 'Its process died, and nobody took it over. The server stays where it is, unwatched.',
    next: [RESUME, BACK],
  },
}

const REFUSALS: Readonly<Record<string, Words>> = {
  usage: {
    means: 'A flag, a file or a setting cannot be right. Nothing was sent.',
    why: 'Everything is checked before the first request. The message names the key, the value and what is legal.',
    next: ['to see what a command takes: wsctl help deploy gradual'],
  },
  'fleet-differs': {
    means: 'The servers that are to be moved as one do not say the same before the run.',
    why: 'A step is what all servers show, so there has to be one place to begin from. The message lists who says what: mode, percentage, fallback, and how long the two user lists are.',
    next: [
      'to set all to where the lowest is first: wsctl deploy gradual --converge --server http://10.0.0.5:8000 --server http://10.0.0.6:8000',
      STATUS,
    ],
  },
  'lower-start': {
    means: 'The run would start below where the server is, which would take users back.',
    why: 'Raising commands only raise. Starting lower is a slip, or a rollback that should be called one.',
    next: [
      'to go on from where the server is: wsctl deploy gradual --initial-percentage 20 --max-percentage 50',
      'to go down first: wsctl rollback gradual --to 5',
      STATUS,
    ],
  },
  'not-lower': {
    means: 'The server is no higher than what it was to be lowered to.',
    why: 'A gradual rollback only lowers.',
    next: [STATUS, 'to lower it further: wsctl rollback gradual --to 0'],
  },
  'unknown-pins': {
    means: 'The server holds users on its two lists, and who they are is not known here.',
    why: 'Every write of the configuration replaces both lists, and the API tells only how long they are. Writing without them would unpin everybody on them.',
    next: [
      'name them: wsctl deploy gradual --rollout-users @pinned.txt --force-legacy-users user7',
      "or name the server's environment file that holds them: wsctl deploy gradual --env-file /srv/chat/.env",
    ],
    also: ['pins', 'pinned-users'],
  },
  'preflight-failed': {
    means: 'A check before the run failed, so it was not begun.',
    why: 'What failed would have stopped the run later, with users on the way: a token that expires too soon, several processes, records that cannot be written.',
    next: [
      'to see every check: wsctl preflight',
      'to begin without them, if you must: wsctl deploy gradual --no-preflight',
    ],
    also: ['preflight'],
  },
  locked: {
    means: 'Another run is at work on this server.',
    why: 'Two that raise the same server would fight over it. It may be the companion of a process that died, and the message then says so. An emergency rollback is never held up by this.',
    next: ['to see who and how far: wsctl rollout list', HISTORY, BACK],
  },
  'lock-lost': {
    means: 'Another process took this run over, so this one may no longer record or raise anything.',
    why: 'It was asleep or cut off for so long that its lock had gone stale.',
    next: [HISTORY, STATUS],
  },
  'not-confirmed': {
    means: 'A context protects the server, and its name was not typed when it was asked for.',
    why: 'A protected server is changed only by who names it. An emergency is never asked.',
    next: ['to see what protects it: wsctl context list', 'in a pipeline: wsctl deploy gradual --yes'],
  },
  'not-running': {
    means: 'No process works on the run, so there is nobody to give an order to.',
    why: 'It has come to its end, or it was left.',
    next: ['to see which runs are under way, and which were left: wsctl rollout list', RESUME],
  },
  'nothing-running': {
    means: 'No run is under way here.',
    why: 'Runs are found by the records of this machine, or of the folder that --state-dir names.',
    next: ['to see all that have not come to their end: wsctl rollout list', HISTORY],
  },
  'several-running': {
    means: 'Several runs are under way, and the order did not say which it means.',
    why: 'An order to the wrong run would be worse than none.',
    next: ['to see their ids: wsctl rollout list'],
  },
  objected: {
    means: 'The run was told, and has a reason not to follow the order. Nothing was changed.',
    why: 'A promotion may mean a step that is over, or one that nothing proves yet; a rollback under way is finished first.',
    next: ['to see where it is: wsctl rollout show'],
  },
  'no-answer': {
    means: 'The run did not take note of the order within a minute.',
    why: 'It is suspended, or waits for a disk or a server that hangs.',
    next: ['to see how it fares: wsctl rollout list', BACK],
  },
  'rollback-unverified': {
    means: 'The run was aborted, and could not verify that everybody is back on legacy.',
    why: 'The rollback was tried for --rollback-timeout, and the server did not confirm it.',
    next: [BACK, HISTORY],
  },
  'order-unwritable': {
    means: 'The order could not be left where the run would find it.',
    why: 'Orders go through the folder of the records, which cannot be written.',
    next: ['name the folder that the run uses: wsctl rollout list --state-dir ./records'],
  },
  finished: {
    means: 'The run has come to its end, so there is nothing to take up.',
    why: 'Only a run whose process died before its end can be taken up again.',
    next: ['to see how it ended, and what to type next: wsctl history', STATUS],
  },
  'nothing-left': {
    means: 'No run was left unfinished here.',
    why: 'Every recorded run ended, or is still at work. Runs of another machine, or with another --state-dir, are not seen.',
    next: [HISTORY, STATUS],
  },
  'several-left': {
    means: 'Several runs were left unfinished, and none was named.',
    why: 'Which one is to go on is not for wsctl to guess.',
    next: ['to see them: wsctl history', 'name one: wsctl rollout resume 20261125-104004-162a7'],
  },
  'no-such-run': {
    means: 'No run with this id, or beginning with it, is recorded here.',
    why: 'Records stay on the machine that made them, in the folder of --state-dir.',
    next: [HISTORY],
  },
  'ambiguous-run': {
    means: 'The beginning of an id fits several runs.',
    why: 'An id begins with its day and time, and two runs can share those.',
    next: [HISTORY],
  },
  'no-watchdog': {
    means: 'The companion that would roll back after a crash could not be started, so the run was not begun.',
    why: '--on-crash rollback is a promise that nobody could keep.',
    next: ['to go on without it: wsctl deploy gradual --on-crash hold'],
  },
  'not-detached': {
    means: 'The process in the background did not take the run up.',
    why: 'It ended before it was at work; what it said is in the message.',
    next: [RESUME],
  },
  'wait-timeout': {
    means: 'What status --wait-for waited for did not come before --wait-timeout.',
    why: 'Exit code 1 when the server answered and something else was there; 14 when it did not answer at the end.',
    next: [STATUS, "to wait longer: wsctl status --wait-for 'percentage>=50' --wait-timeout 1h"],
  },
  port: {
    means: 'The sandbox cannot listen at this port.',
    why: 'Another program does, or the system does not allow it.',
    next: ['any port that is free: wsctl sandbox --port 0'],
  },
  internal: {
    means: 'A fault in wsctl itself.',
    why: 'Something happened that it was not made for. Where the server is now has to be looked at.',
    next: [STATUS, 'run it again with DEBUG=1 to see the stack, and report it'],
  },
}

/** How runs end, and what is refused before they begin. */
export const RUN_TOPICS = topicsOf('code', { ...CAUSES, ...ENDS, ...REFUSALS, completed: completed() })

function completed(): Words {
  return {
    means: 'The last step of the run is done, and shows on the server.',
    why: 'Each step passed; where one ended without enough traffic to judge, the reason says so.',
    next: [STATUS, HISTORY],
  }
}
