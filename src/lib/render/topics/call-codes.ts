import type { FailureKind } from '../../core/error.js'
import { topicsOf, type Words } from './topic.js'

const WHICH = 'to see which of server, path and token it is: wsctl diagnose'

const WORDS: Readonly<Record<FailureKind, Words>> = {
  unreachable: {
    means: 'No connection to the server came about, or it broke before there was an answer.',
    why: 'The name does not resolve, nobody listens at that port, a firewall or a proxy is in the way, or its certificate is not trusted. The message says which.',
    next: [
      WHICH,
      'to name another address: wsctl status --server https://chat.example.com',
      'where a certificate authority of your own signs: wsctl status --ca-file ca.pem',
    ],
  },
  timeout: {
    means: 'The server did not answer in time.',
    why: 'It is overloaded, or something between here and there swallows what is sent. A change that was on its way may have worked all the same: only reading back tells.',
    next: ['to wait longer for each answer: wsctl status --timeout 30s', WHICH],
  },
  unauthorized: {
    means: 'The server does not take the token: 401.',
    why: 'It is wrong, expired, or of another server. A token of the server lives 30 minutes by default, and a rollout lives for hours.',
    next: [
      "one that is renewed: wsctl status --token-command 'pass show chat/admin-token'",
      'or one from a file that something else renews: wsctl status --token-file token.txt',
    ],
    also: ['401'],
  },
  forbidden: {
    means: 'The server knows who it is, and does not let them: 403.',
    why: 'No token was sent, or its account is no admin or is disabled.',
    next: ['with the token of an admin: wsctl status --token-file token.txt'],
    also: ['403'],
  },
  'not-found': {
    means: 'The server has nothing at this path: 404.',
    why: 'The admin API or the counters are mounted elsewhere. The server says the same when the account of the token was deleted.',
    next: [
      'the other usual place of the admin API: wsctl status --admin-path /api/admin/websocket-admin',
      'the other usual place of the counters: wsctl stats --stats-path /api/websocket/ws/stats',
      WHICH,
    ],
    also: ['404'],
  },
  'rate-limited': {
    means: 'The server took more requests than it takes from one client: 429.',
    why: 'It takes about 100 a minute. Several monitors at once, or a short --poll-interval, are more than that. It gets the pause that it asks for, a minute at most; during a run that is no failed check, unless it refuses the reading after it as well.',
    next: ['to ask less often: wsctl monitor --poll-interval 30s', 'to see who else is at work on it: wsctl history'],
    also: ['429'],
  },
  rejected: {
    means: 'The server did not take what was sent, and says why.',
    why: 'It is of another release than wsctl was made for, or another API answers at this path.',
    next: ['to see what it is: wsctl status', WHICH],
    also: ['400', '422'],
  },
  'server-error': {
    means: 'The server answered with an error of its own: 500, or a proxy with 502, 503 or 504.',
    why: 'A mode in its environment file that it does not know makes every status call answer 500. A proxy says 502 to 504 while the server behind it is down. A change may have worked all the same: only reading back tells.',
    next: [
      'to see what the file says: wsctl env show --env-file /srv/chat/.env',
      'to set one of the four modes, and then restart the server: wsctl env set --env-file /srv/chat/.env --mode disabled',
    ],
    also: ['500', '502', '503', '504'],
  },
  'invalid-answer': {
    means: 'What was answered is not what the admin API answers.',
    why: 'A proxy or another service answers with a page of its own, the path is another one, or a number is missing. A counter that is not there is never taken for 0.',
    next: ['the other usual place of the admin API: wsctl status --admin-path /api/admin/websocket-admin', WHICH],
  },
}

/** One for each way in which a call to the server can fail. */
export const CALL_TOPICS = topicsOf('code', WORDS)
