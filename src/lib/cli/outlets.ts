import { WsctlError } from '../core/error.js'
import { openMetrics, type MetricsFlags } from './metrics.js'
import { noticeSetup, openNotices, type Notices, type WrittenNotices } from './notify.js'
import type { NoticeSetup } from '../contract/notification.js'
import type { Sink } from '../ports/sink.js'
import type { Environment } from './environment.js'
import type { Settings } from './settings.js'
import { tell } from './tell.js'

/** Flags that say who else learns of a run. */
export interface OutletFlags extends MetricsFlags {
  readonly notify?: readonly string[] | undefined
  readonly detach?: boolean | undefined
}

export interface OutletOptions {
  /** What cannot be is a warning: an emergency goes on, and a run is taken over. */
  readonly warnOnly?: boolean
  /** Who is notified, by what files say. */
  readonly written?: WrittenNotices
  /** Who was notified of the run so far. */
  readonly before?: NoticeSetup | null
  /** Number of the last event of the run; 0 when it is about to begin. */
  readonly after?: number
}

/**
 * Opens everything through which others learn of a run, before anything is sent to the server.
 *
 * @throws WsctlError (usage)
 */
export async function openOutlets(
  flags: OutletFlags,
  environment: Environment,
  settings: Settings,
  { warnOnly = false, written = {}, before = null, after = 0 }: OutletOptions = {},
): Promise<{ readonly notices: Notices | null; readonly metrics: Sink | null }> {
  const name = async (): Promise<NoticeSetup | null> => noticeSetup(flags, environment, written, after)
  // Those whom a run was begun with stay, whatever files say by now, unless somebody names others.
  const isRecorded = before !== null && flags.notify === undefined
  const setup = isRecorded ? before : ((await (warnOnly ? name().catch(warned) : name())) ?? before)
  // A shell that lacks the variables of an earlier one is no reason not to take a run up.
  const onRefused = warnOnly || isRecorded ? warned : undefined
  return {
    notices: setup && (await openNotices(setup, environment, settings, onRefused)),
    metrics: await openMetrics(flags, { isTried: flags.detach ?? false, warnOnly }),
  }
}

function warned(error: unknown): null {
  if (!(error instanceof WsctlError)) throw error
  tell(`Warning: not everybody will be notified: ${error.message}`)
  return null
}
