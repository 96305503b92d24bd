/** The only source of time. Injected, so that hours pass in a test without waiting. */
export interface Clock {
  /** Milliseconds that never jump or run backwards; their origin means nothing. */
  monotonicMs(): number
  /** Wall-clock time, for records and people only. */
  wallTime(): Date
  /** Resolves after `ms`, or at once when the signal is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
