import { spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'

/**
 * Resolves once a folder has been looked into, whatever was found. It is done by a process of its own: a thread of
 * this one that waits for a network folder which hangs could not be ended, and the process would never end either.
 *
 * @param signal gives it up
 */
export async function lookIntoFolder(folder: string, signal: AbortSignal): Promise<void> {
  if (process.platform === 'win32') return readHere(folder)
  // Some images have no such program, and a machine at its limits starts none.
  if (!(await isDoneElsewhere(folder, signal).catch(() => false))) await readHere(folder)
}

/** False when the process could not be started. */
function isDoneElsewhere(folder: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('ls', ['-f', '--', folder], { stdio: 'ignore', signal, killSignal: 'SIGKILL' })
    // An error as well when it was given up, which nobody waits for.
    child.once('error', () => resolve(signal.aborted))
    child.once('exit', () => resolve(true))
    child.unref()
  })
}

async function readHere(folder: string): Promise<void> {
  await readdir(folder).catch(() => [])
}
