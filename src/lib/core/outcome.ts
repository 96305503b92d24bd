/** How a command can end: the one table behind exit codes, help, README and results. */
export const OUTCOMES = [
  { exitCode: 0, outcome: 'completed', meaning: 'did what was asked' },
  {
    exitCode: 1,
    outcome: 'failed',
    meaning: 'a fault in wsctl itself, or bad news from `health`, `diagnose` or `status --wait-for`',
  },
  { exitCode: 2, outcome: 'usage', meaning: 'wrong flags, files or settings; nothing was sent' },
  { exitCode: 10, outcome: 'rolled-back', meaning: 'thresholds broke; verified back on legacy' },
  { exitCode: 11, outcome: 'rollback-unverified', meaning: 'it could not be confirmed that users are back' },
  { exitCode: 12, outcome: 'held', meaning: 'stopped on the way, the percentage stays where it is' },
  { exitCode: 13, outcome: 'refused', meaning: 'a conflict: another run, foreign change, unknown lists, lower start' },
  { exitCode: 14, outcome: 'unreachable', meaning: 'the server did not answer, or refused the token; nothing changed' },
  { exitCode: 15, outcome: 'breached', meaning: '`monitor --on-breach exit` saw a breach' },
] as const

export type Outcome = (typeof OUTCOMES)[number]['outcome']
export type ExitCode = (typeof OUTCOMES)[number]['exitCode']

const CODES = Object.fromEntries(OUTCOMES.map((row) => [row.outcome, row.exitCode])) as Record<Outcome, ExitCode>

/** The process exit code that stands for an outcome. */
export function exitCodeOf(outcome: Outcome): ExitCode {
  return CODES[outcome]
}
