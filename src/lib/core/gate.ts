export const LIMIT_POLICIES = ['hold', 'rollback'] as const

interface GateLimit {
  /** How long it may stay shut, ms; null: for ever. */
  readonly limitMs: number | null
  /** What follows when it is still shut then. */
  readonly onLimit: (typeof LIMIT_POLICIES)[number]
}

/** How something that answers yes or no is asked. */
interface GateQuestion {
  /** How long after a no it is asked again, ms. */
  readonly everyMs: number
  /** For one answer, ms. */
  readonly timeoutMs: number
}

/** What has to say yes at the end of a step, before the next one begins. */
export type Gate = GateLimit &
  (
    | { readonly kind: 'approval' }
    | ({ readonly kind: 'command'; readonly command: string } & GateQuestion)
    | ({ readonly kind: 'url'; readonly url: string } & GateQuestion)
  )
