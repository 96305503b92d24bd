/**
 * The companion of a run, a process of its own: it waits until its input ends, which happens as soon as
 * the run is dead, however it died. Unless the run said goodbye, it then starts the command that takes
 * the run up. It waits for hours, so it loads nothing but what comes with Node.
 *
 * Arguments: the log file, then what to give to Node.
 */
import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'

const [log = '', ...command] = process.argv.slice(2)
let isDismissed = false

// It ends with the run, and with nothing else that asks a whole group of processes to end.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)

process.stdin.on('data', () => {
  isDismissed = true
})
process.stdin.on('error', () => undefined)
process.stdin.on('close', () => {
  if (!isDismissed) takeOver()
})

/** Has the allocator of glibc give back what is free, at once: what takes over is to stay small. Others ignore it. */
const FRUGAL = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '65536' }

function takeOver(): void {
  const output = openLog()
  const env = { ...process.env, ...FRUGAL }
  spawn(process.execPath, command, { detached: true, stdio: ['ignore', output, output], env }).unref()
}

function openLog(): number | 'ignore' {
  try {
    return openSync(log, 'a', 0o600)
  } catch {
    return 'ignore'
  }
}
