/** Requests of the operator or the system to stop. */
export interface Interrupts {
  /** Aborted when a request has come in; its reason is the name of the signal, such as `SIGINT`. */
  readonly signal: AbortSignal
  /** Takes note of the request, so that a later one aborts a new `signal`. */
  acknowledge(): void
}
