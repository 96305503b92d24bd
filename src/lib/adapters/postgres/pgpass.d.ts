/** It brings no types of its own. */
declare module 'pgpass' {
  interface Connection {
    readonly host: string
    readonly port: number
    readonly database: string
    readonly user: string
  }
  /** Undefined: no line of the file fits, or others may read it. */
  export default function passwordFor(connection: Connection, take: (password: string | undefined) => void): void
}
