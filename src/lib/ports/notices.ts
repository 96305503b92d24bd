import type { DeliveryAttempt } from '../core/delivery.js'
import type { Notice } from '../core/notice.js'

/** Somewhere that messages are sent to. */
export interface NoticeTarget {
  /** For people, such as `slack (hooks.slack.com)`; never holds a secret. */
  readonly name: string
  /** Tells it from other targets, in this process and in one that takes over. */
  readonly id: string
  wants(event: Notice['event']): boolean
  /** One attempt. Ends in time, and soon after the signal is aborted. */
  send(notice: Notice, signal: AbortSignal): Promise<DeliveryAttempt>
}

/** What has become of the messages of a run, for whoever takes the run up. Both may fail. */
export interface DeliveryRecord {
  /** Whether a message was delivered to a target, or given up, by whichever process. */
  isSettled(target: string, key: string): Promise<boolean>
  settle(target: string, key: string, result: 'delivered' | 'given-up'): Promise<void>
}
