import type { CrashPolicy } from './rollout.js'

/** Of a run whose process died, and which its companion goes on with. */
export interface Takeover {
  /** hold: sees the step to its end; rollback: takes everybody back. */
  readonly policy: CrashPolicy
  /** Process that died. */
  readonly diedPid: number
  /** Who ran it, and where. */
  readonly diedOperator: string
}

/** Who is at work on a server. It outlives a process that died. */
export interface Claim {
  readonly schema: 'wsctl/claim@1'
  readonly rolloutId: string
  readonly command: string
  /** Base URL, or the name of a fleet. */
  readonly server: string
  /** Of a fleet: all of them. */
  readonly servers?: readonly string[]
  readonly operator: string
  /** ISO 8601. */
  readonly since: string
  /** Whether no other run may work on the server meanwhile. */
  readonly exclusive: boolean
  /** Machine, boot and process space in which the number of the process means something. */
  readonly place: string
  readonly pid: number
  /** Tells the process from a later one with its number; null: not known. */
  readonly processStart: string | null
  /** New with every claim. */
  readonly token: string
  /** The process gave the run up before its end. */
  readonly left: boolean
  /** Null: nobody died. */
  readonly takeover: Takeover | null
}

/** The run that makes a claim. */
export type Claimant = Pick<Claim, 'rolloutId' | 'command' | 'server' | 'servers' | 'operator' | 'since'>
