import type { KnownSettings, ServerChangeKind } from './change.js'

/** What is on record of every change. */
interface Common {
  readonly schema: 'wsctl/audit-entry@1'
  /** ISO 8601. */
  readonly time: string
  /** Who, and on which machine. */
  readonly operator: string
  readonly pid: number
  readonly command: string
  /** Null: it was no run. */
  readonly rolloutId: string | null
  /** Base URL; null: nobody named one. */
  readonly server: string | null
  /** Null: the command says it all. */
  readonly reason: string | null
  /** Null: it was accepted; a call that failed may have worked all the same. */
  readonly failure: string | null
}

/** The server's variables, null where not set; null: they could not be read. */
type Variables = Readonly<Record<string, string | null>> | null

/** One change to a server or to its environment file, or an item of the checklist that somebody signed. */
export type AuditEntry =
  | (Common & {
      readonly target: 'server'
      readonly change: ServerChangeKind
      /** As it was read last; null: it was never read. */
      readonly before: KnownSettings | null
      /** What was asked for; null: it rests on what was never read. */
      readonly after: KnownSettings | null
    })
  | (Common & {
      readonly target: 'environment-file'
      readonly change: 'write' | 'set' | 'restore'
      readonly path: string
      readonly before: Variables
      readonly after: Variables
    })
  | (Common & {
      readonly target: 'checklist'
      readonly change: 'sign'
      readonly reason: string
      readonly item: string
    })

/** An entry that is to be written. */
export type NewEntry = AuditEntry extends infer Entry
  ? Entry extends AuditEntry
    ? Omit<Entry, 'schema'>
    : never
  : never
