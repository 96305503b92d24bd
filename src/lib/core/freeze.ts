/** A stretch of each week in which nothing is raised. */
export interface FreezeWindow {
  /** As it was typed. */
  readonly text: string
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string
  /** Minutes of the week from Monday 00:00; one that ends before it begins goes on into the next week. */
  readonly fromMinute: number
  readonly toMinute: number
}
