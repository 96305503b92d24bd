import type { Writable } from 'node:stream'
import { createPalette, type Layout, type Palette } from '../render/palette.js'
import type { Environment } from './settings.js'

type Stream = Writable & { readonly isTTY?: boolean; readonly columns?: number }
type Streams = Readonly<Record<'stdout' | 'stderr', Stream>>

/** Where output goes and what it may look like: results on stdout, progress and messages on stderr. */
export interface Screen {
  readonly stdout: Stream
  readonly stderr: Stream
  /** For results. */
  readonly out: Layout
  /** For progress and messages. */
  readonly err: Layout
  /** Whether progress may be drawn over itself. */
  readonly live: boolean
}

/**
 * Decides once about colour and the live view: `--no-color` and NO_COLOR turn colour off, FORCE_COLOR
 * turns it on, else it follows the terminal.
 */
export function openScreen(noColour: boolean, environment: Environment, streams: Streams = process): Screen {
  const { stdout, stderr } = streams
  const layout = (stream: Stream): Layout => ({
    palette: paletteFor(stream, noColour, environment),
    width: stream.isTTY === true && stream.columns ? stream.columns : Number.POSITIVE_INFINITY,
    ascii: !isUnicode(environment),
  })
  return {
    stdout,
    stderr,
    out: layout(stdout),
    err: layout(stderr),
    live: stderr.isTTY === true && environment['TERM'] !== 'dumb' && !environment['CI'],
  }
}

/**
 * Whether bars of block characters can be shown: by the locale, as POSIX weighs its variables. Without one
 * it is ASCII there; other platforms have no such variables, and Unicode throughout.
 */
function isUnicode(environment: Environment, platform = process.platform): boolean {
  const locale = [environment['LC_ALL'], environment['LC_CTYPE'], environment['LANG']].find((value) => value)
  return locale === undefined ? platform === 'win32' || platform === 'darwin' : /utf-?8/i.test(locale)
}

function paletteFor(stream: Stream, noColour: boolean, environment: Environment): Palette {
  const forced = environment['FORCE_COLOR']
  if (noColour || environment['NO_COLOR']) return createPalette(false)
  if (forced !== undefined) return createPalette(forced !== '0' && forced !== 'false')
  return createPalette(stream.isTTY === true && environment['TERM'] !== 'dumb')
}
