import { execFile } from 'node:child_process'
import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'

/** A process that lives; its start tells it from a later one with the same number, null where nobody tells. */
export interface LivingProcess {
  readonly start: string | null
}

/**
 * Where a process number means something: the machine, and on Linux since which boot and in which
 * process namespace, because containers can share a folder and a host name.
 */
export async function processPlace(): Promise<string> {
  const parts = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ])
  return [hostname(), ...parts.map((part) => part.trim()).filter((part) => part !== '')].join(' ')
}

/** The process with a number; null when there is none, or it is dead and only waits for its parent to notice. */
export async function findProcess(pid: number): Promise<LivingProcess | null> {
  if (process.platform === 'linux') return findByProc(pid)
  return process.platform === 'win32' ? findBySignal(pid) : findByPs(pid)
}

async function findByProc(pid: number): Promise<LivingProcess | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  // Some systems hide the processes of other users.
  if (text === null) return findBySignal(pid)
  // The name in parentheses may itself hold spaces and parentheses; the state is field 3, the start field 22.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return isDead(fields[0]) ? null : { start: fields[19] ?? null }
}

function findByPs(pid: number): Promise<LivingProcess | null> {
  const format = ['-p', String(pid), '-o', 'stat=', '-o', 'lstart=']
  return new Promise((resolve) => {
    execFile('ps', format, { env: { ...process.env, LC_ALL: 'C' } }, (error, stdout) => {
      const [state, ...start] = stdout.trim().split(/\s+/)
      if (error?.code === 'ENOENT') resolve(findBySignal(pid))
      else resolve(error !== null || isDead(state) ? null : { start: start.join(' ') })
    })
  })
}

function findBySignal(pid: number): LivingProcess | null {
  try {
    process.kill(pid, 0)
    return { start: null }
  } catch (error) {
    // A process of somebody else may not be asked, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? { start: null } : null
  }
}

function isDead(state: string | undefined): boolean {
  return state === undefined || /^[ZX]/.test(state)
}
