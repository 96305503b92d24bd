import { systemClock } from '../adapters/system-clock.js'
import type { NotifyTest } from '../contract/notice.js'
import type { FailedDelivery } from '../core/delivery.js'
import { usageError } from '../core/error.js'
import { exitCodeOf } from '../core/outcome.js'
import type { Notice } from '../core/notice.js'
import type { NoticeTarget } from '../ports/notices.js'
import type { BaseCommand } from './base-command.js'
import { noticeSetup, openNotices, type WrittenNotices } from './notify.js'
import { resolveSettings } from './settings.js'

/**
 * Sends a test message to each target, once, and prints what came of it. Sets the exit code. A dry run only tells what
 * would be sent to whom.
 *
 * @throws WsctlError (usage) when there is nobody to be notified
 */
export async function testNotifications(
  command: BaseCommand,
  flags: { readonly notify?: readonly string[] | undefined; readonly 'dry-run'?: boolean },
  written: WrittenNotices = {},
): Promise<void> {
  const { environment } = command
  const setup = noticeSetup(flags, environment, written)
  if (setup === null) {
    throw usageError('nobody would be notified', 'name somebody: --notify slack=env:SLACK_WEBHOOK')
  }
  const { targets } = await openNotices(setup, environment, resolveSettings({}, environment))
  const { testNotice } = await import('../render/notice.js')
  const notice = testNotice(systemClock.wallTime().toISOString(), setup.contacts)
  if (flags['dry-run'] === true) {
    const { printWrites } = await import('./dry-run.js')
    const { title, message } = notice
    const writes = targets.map(({ name }) => ({ kind: 'message', when: null, target: name, title, message }) as const)
    return printWrites(command, { server: null, writes, warnings: [], notes: [] })
  }
  const results = await Promise.all(targets.map((target) => tryOnce(target, notice)))
  const outcome = results.every(({ delivered }) => delivered) ? 'completed' : 'failed'
  const exitCode = exitCodeOf(outcome)
  process.exitCode = exitCode
  const { notifyTestText } = await import('../render/notify-test.js')
  command.print(
    { schema: 'wsctl/notify-test@1', outcome, exitCode, targets: results } satisfies NotifyTest,
    ({ out }) => notifyTestText(results, out),
  )
}

async function tryOnce(target: NoticeTarget, notice: Notice): Promise<NotifyTest['targets'][number]> {
  const startMs = systemClock.monotonicMs()
  const attempt = await target.send(notice, new AbortController().signal).catch(toFailure)
  const tookMs = Math.round(systemClock.monotonicMs() - startMs)
  const message = attempt.delivered ? 'delivered' : attempt.reason
  return { target: target.name, delivered: attempt.delivered, message, tookMs }
}

function toFailure(error: unknown): FailedDelivery {
  return { delivered: false, reason: error instanceof Error ? error.message : String(error), worthRetrying: false }
}
