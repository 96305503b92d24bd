import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from './make-folder.js'

/** A process that belongs to no terminal and outlives this one. */
export interface BackgroundProcess {
  readonly pid: number
  /** Its exit code once it has ended; null when a signal ended it, undefined while it lives. */
  readonly exitCode: () => number | null | undefined
}

/**
 * Starts Node in a session of its own.
 *
 * @param log what it prints is added to this file
 */
export async function startInBackground(command: readonly string[], log: string): Promise<BackgroundProcess> {
  await makeFolder(dirname(log))
  const output = await open(log, 'a', 0o600)
  try {
    const child = spawn(process.execPath, command, { detached: true, stdio: ['ignore', output.fd, output.fd] })
    let exitCode: number | null | undefined
    child.once('exit', (code) => {
      exitCode = code
    })
    await once(child, 'spawn')
    child.unref()
    return { pid: child.pid ?? 0, exitCode: () => exitCode }
  } finally {
    await output.close()
  }
}
