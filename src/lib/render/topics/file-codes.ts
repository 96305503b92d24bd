import { topicsOf, type Words } from './topic.js'

const SHOW = 'to see what the file says: wsctl env show --env-file /srv/chat/.env'
const STATE_DIR = 'to keep records elsewhere: wsctl history --state-dir /var/lib/wsctl'

const ENVIRONMENT_FILE: Readonly<Record<string, Words>> = {
  'env-file-missing': {
    means: "There is no file at the path that was given for the server's environment file.",
    why: 'It is never made: a file that the server does not read would look as if it were kept true.',
    next: ['name the file that the server reads at its start: wsctl env show --env-file /srv/chat/.env'],
  },
  'env-file-unreadable': {
    means: 'The file is no text that could be an environment file: too large, no UTF-8, no regular file.',
    why: 'Changing it could break whatever it is.',
    next: [SHOW],
  },
  'env-file-unusable': {
    means: 'The system does not let wsctl read or replace the file; the message says why.',
    why: 'The file is replaced as a whole, so its folder has to be writable too.',
    next: ['run wsctl as the user that owns the file', SHOW],
  },
  'env-file-read-only': {
    means: 'Nobody may write the file, so it was left alone.',
    why: 'Whoever took the write bits away meant it, even for a superuser.',
    next: ['make it writable: chmod u+w FILE', 'or leave the file alone: wsctl deploy gradual --no-env-file'],
  },
  'env-file-busy': {
    means: 'Somebody else changes the file at the same time, so it was left alone.',
    why: 'Replacing it would have undone their change.',
    next: ['try again when nobody edits it', SHOW],
  },
  'env-file-unsafe-edit': {
    means: 'The lines of the file are such that changing one of the variables could change something else.',
    why: 'A quote that never closes, for example, makes what follows part of a value.',
    next: ['mend the lines that the message names, by hand', SHOW],
  },
  'env-no-backup': {
    means: 'No copy of the file was made yet, so there is none to bring back.',
    why: 'A copy is made before each change of the file, and by env backup.',
    next: ['to make one: wsctl env backup --env-file /srv/chat/.env'],
  },
  'env-not-a-backup': {
    means: "The file that was to be brought back holds none of the server's variables.",
    why: 'It is probably another file. Nothing was changed.',
    next: ['to bring back the newest copy: wsctl env restore --env-file /srv/chat/.env'],
  },
  'environment-file': {
    means: 'The sandbox cannot read the environment file that it was given.',
    why: 'It reads one at its start, as the real server does.',
    next: ['without one: wsctl sandbox'],
  },
}

const RECORDS: Readonly<Record<string, Words>> = {
  'disk-hangs': {
    means:
      'The folder of the records did not answer in time, and was waited for no longer. Before a run that means that nothing was sent.',
    why: 'A network folder that hangs, or a frozen disk, must not keep users on a system that fails. A run that cannot be recorded raises nothing more, and still goes down.',
    next: [
      'to see where the server stands: wsctl status',
      'with records on a disk of this machine: wsctl rollback emergency --state-dir ./records',
    ],
  },
  'journal-unwritable': {
    means: 'The record of a run cannot be written, so no run that raises may begin.',
    why: 'What is decided is on disk before it is done. The disk is full, or the folder belongs to somebody else.',
    next: [STATE_DIR, 'an emergency needs no record: wsctl rollback emergency'],
  },
  'journal-unreadable': {
    means: 'The record of a run cannot be read, or does not hold what a record holds.',
    why: 'It was changed by hand, is damaged, or belongs to somebody else, or its beginning could not be written. A last line that was torn by a crash is no such case. Such a run cannot be taken up.',
    next: [
      STATE_DIR,
      'to see the events before a damaged line: wsctl history ID',
      'to see where the server stands: wsctl status',
    ],
  },
  'journal-newer': {
    means: 'The record was written by a later wsctl, with events that this one does not know.',
    why: 'Going on with half of what happened could raise where the other would not.',
    next: ['use the version that wrote it; this one is: wsctl --version'],
  },
  'lock-unwritable': {
    means: 'The claim on the server cannot be written, so no run that changes it may begin.',
    why: 'Without it a second run would not notice this one.',
    next: [STATE_DIR],
  },
  'audit-unwritable': {
    means: 'The audit record cannot be written.',
    why: 'A change that is on no record forbids raising, never lowering.',
    next: [STATE_DIR],
  },
  'audit-unreadable': {
    means: 'The audit record cannot be read.',
    why: 'It belongs to somebody else, or the disk fails.',
    next: [STATE_DIR],
  },
}

const WITHOUT_RECORDS = 'an emergency needs no record: wsctl rollback emergency'

const SHARED_STATE: Readonly<Record<string, Words>> = {
  'state-unreachable': {
    means:
      'The database of --state (or WSCTL_STATE) did not answer in time, or cannot be reached. The message says why.',
    why: 'A run that cannot be recorded raises nothing more, and still goes down: what happens meanwhile is kept in the folder of --state-dir, and merged by the next command that reaches both.',
    next: [WITHOUT_RECORDS, 'to see where the server stands: wsctl status'],
  },
  'state-refused': {
    means:
      'The database of --state (or WSCTL_STATE) does not let this user in, or lets it do too little. The message says which.',
    why: 'User, password, database or rights are not as docs/shared-state.md has them. Nothing was changed.',
    next: ['the password may come from PGPASSWORD, or from the file of PGPASSFILE', WITHOUT_RECORDS],
  },
  'state-newer': {
    means:
      'The database of --state (or WSCTL_STATE) was changed by a later wsctl, in a way that this one does not know.',
    why: 'Going on with half of what is recorded could raise where the other would not.',
    next: ['use the version that the team uses; this one is: wsctl --version', WITHOUT_RECORDS],
  },
}

/** Files that wsctl keeps or changes, and the database in their place. */
export const FILE_TOPICS = topicsOf('code', { ...ENVIRONMENT_FILE, ...RECORDS, ...SHARED_STATE })
