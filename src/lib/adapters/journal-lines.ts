import { createReadStream } from 'node:fs'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { decodeEvent } from '../contract/event.js'
import { WsctlError } from '../core/error.js'
import type { RolloutEvent } from '../core/event.js'

/** Enough for the last events of a run, and little enough for every command. */
const TAIL_BYTES = 64 * 1024
const LINE_END = 0x0a

/** What was written before the last line's end; what follows was torn by a crash. */
export function wholeLines(content: Buffer): Buffer {
  return content.subarray(0, content.lastIndexOf(LINE_END) + 1)
}

/** Where lines come from, for the message when one is damaged. */
export interface LinesPlace {
  readonly path: string
  /** Number of the first of them, from 1. */
  readonly firstLine: number
}

/** @throws WsctlError `journal-unreadable` or `journal-newer`, with file and number of the line */
export function decodeLines(lines: Buffer, place: LinesPlace): RolloutEvent[] {
  const { events, damage } = decodeUntilDamage(lines, place)
  if (damage !== null) throw damage
  return events
}

/** The events up to the first line that is none, and what is wrong with that one; null when all are whole. */
export function decodeUntilDamage(
  lines: Buffer,
  { path, firstLine }: LinesPlace,
): { readonly events: RolloutEvent[]; readonly damage: WsctlError | null } {
  const events: RolloutEvent[] = []
  for (const [index, line] of lines.toString().split('\n').entries()) {
    if (line === '') continue
    try {
      events.push(decodeEvent(line))
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error
      return { events, damage: damagedLine(error, path, firstLine + index) }
    }
  }
  return { events, damage: null }
}

/** How many lines end in it. */
export function countLines(lines: Buffer): number {
  return lines.reduce((count, byte) => (byte === LINE_END ? count + 1 : count), 0)
}

function damagedLine({ code, message, outcome, suggestions }: WsctlError, path: string, line: number): WsctlError {
  const text = `${path}:${line}: ${message}`
  if (code !== 'journal-unreadable') return new WsctlError(code, text, { outcome, suggestions })
  const id = basename(path, '.jsonl')
  return new WsctlError(code, text, {
    outcome,
    suggestions: [
      ...suggestions,
      `to see the line: sed -n ${line}p ${path}`,
      `to see what came before it: wsctl history ${id}`,
      'the run cannot be taken up; to see where the server stands: wsctl status',
      'an emergency needs no record: wsctl rollback emergency',
    ],
  })
}

/** The first line of a file, and no more of the file than that takes; empty when it was not written in whole. */
export async function readFirstLine(path: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    if (chunk.includes(LINE_END)) break
  }
  const content = Buffer.concat(chunks)
  return content.subarray(0, content.indexOf(LINE_END) + 1)
}

/** What a file holds from a byte on; empty when there is nothing yet. */
export async function readFrom(path: string, offset: number): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    return await readSlice(file, Math.min(offset, size), size)
  } finally {
    await file.close()
  }
}

/** The line that ends at a byte; empty when it is longer than the tail of a file that is looked at. */
export async function lastLineBefore(file: FileHandle, end: number): Promise<string> {
  const slice = (await readSlice(file, Math.max(0, end - TAIL_BYTES), end)).subarray(0, -1)
  return slice.subarray(slice.lastIndexOf(LINE_END) + 1).toString()
}

/** The last whole lines of a file; all of them when a single one is longer than that. */
export async function readTail(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const tail = wholeLines(await readSlice(file, Math.max(0, size - TAIL_BYTES), size))
    if (size <= TAIL_BYTES) return tail
    const lines = tail.subarray(tail.indexOf(LINE_END) + 1)
    return lines.length > 0 ? lines : wholeLines(await readFile(path))
  } finally {
    await file.close()
  }
}

async function readSlice(file: FileHandle, from: number, to: number): Promise<Buffer> {
  if (from === to) return Buffer.alloc(0)
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(to - from), position: from })
  return buffer.subarray(0, bytesRead)
}
