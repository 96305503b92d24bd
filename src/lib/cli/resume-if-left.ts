import { isSameServer } from '../adapters/claim-files.js'
import type { NotResumedDocument } from '../contract/not-resumed.js'
import type { BaseCommand } from './base-command.js'
import { leftRuns } from './left-runs.js'
import { resumeRun, type ResumeFlags } from './resume.js'
import { resolveSettings } from './settings.js'
import { openState } from './state-store.js'

/**
 * Takes up the run that was left, for a job that nobody watches. Where none was, that is no failure; one that somebody
 * paused is left alone, for its pause was meant for a person.
 *
 * @param prefix beginning of the id of the only one that is meant
 * @throws WsctlError as `resumeRun` does; `several-left` (exit 13) when it is not clear which is meant
 */
export async function resumeIfLeft(
  command: BaseCommand,
  flags: ResumeFlags,
  prefix: string | undefined,
): Promise<void> {
  const settings = resolveSettings(flags, command.environment)
  const isNamed = settings.origins.server.kind !== 'default'
  const { runs, locks } = await openState(settings)
  const left = (await leftRuns(locks, runs)).filter(
    ({ claim }) =>
      (!isNamed || isSameServer(claim.server, settings.server)) && claim.rolloutId.startsWith(prefix ?? ''),
  )
  const [one] = left
  if (one === undefined) {
    tellNot(command, null, 'no run was left unfinished')
    return
  }
  if (left.length > 1) return resumeRun(command, flags, {})
  const id = one.claim.rolloutId
  const pausedBy = (await runs.state(id))?.pausedBy ?? null
  if (pausedBy === null) await resumeRun(command, flags, { id })
  else tellNot(command, id, `run ${id} was paused by ${pausedBy}, and is left alone`)
}

function tellNot(command: BaseCommand, rolloutId: string | null, reason: string): void {
  const document: NotResumedDocument = { schema: 'wsctl/not-resumed@1', rolloutId, reason }
  command.print(document, () => `Nothing was taken up: ${reason}.`)
}
