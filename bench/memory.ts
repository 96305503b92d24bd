import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

const KIB = 1024

/** What a process holds in memory now, or held at most, MB; null when it is gone. Linux tells. */
export async function residentMb(pid: number, which: 'VmRSS' | 'VmHWM'): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kib = new RegExp(`${which}:\\s+(\\d+) kB`).exec(status)?.[1]
  return kib === undefined ? null : (Number(kib) * KIB) / 1e6
}

/** The most that a process held in memory before it ended, as far as it was seen, MB. */
export async function peakMb(child: ChildProcess): Promise<number> {
  let peak = 0
  while (child.exitCode === null && child.signalCode === null) {
    peak = Math.max(peak, (await residentMb(child.pid ?? 0, 'VmHWM')) ?? 0)
    await sleep(2)
  }
  return peak
}
