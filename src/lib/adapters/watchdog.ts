import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'

/** A companion process that takes over when this one dies. */
export interface Watchdog {
  /** The run has come to its end, or is left on purpose: nothing is to be taken over. */
  dismiss(): void
}

/**
 * Starts a companion in a session of its own. What ties it to this process is a pipe: the system closes
 * it when this process is gone, even by `kill -9`.
 *
 * @param takeover.log what the process that takes over prints goes to this file
 * @param takeover.command arguments of Node for that process; the environment is that of this one
 */
export async function startWatchdog(takeover: {
  readonly log: string
  readonly command: readonly string[]
}): Promise<Watchdog> {
  const companion = fileURLToPath(new URL('./companion.js', import.meta.url))
  const child = spawn(process.execPath, [companion, takeover.log, ...takeover.command], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  await once(child, 'spawn')
  const { stdin } = child
  // A companion that is gone already leaves nobody to say goodbye to.
  stdin.on('error', () => undefined)
  child.unref()
  if (stdin instanceof Socket) stdin.unref()
  return { dismiss: () => void stdin.end('done') }
}
