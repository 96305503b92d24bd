import type { Writable } from 'node:stream'
import { createPalette, type Layout, type Palette } from '../render/palette.js'
import type { Variables } from './environment.js'

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
export function openScreen(noColour: boolean, variables: Variables, streams: Streams = process): Screen {
  const { stdout, stderr } = streams
  const layout = (stream: Stream): Layout => ({
    palette: paletteFor(stream, noColour, variables),
    width: stream.isTTY === true && stream.columns ? stream.columns : Number.POSITIVE_INFINITY,
    ascii: !isUnicode(variables),
  })
  return {
    stdout,
    stderr,
    out: layout(stdout),
    err: layout(stderr),
    live: stderr.isTTY === true && variables['TERM'] !== 'dumb' && !variables['CI'],
  }
}

/**
 * Whether bars of block characters can be shown: by the locale, as POSIX weighs its variables. Without one
 * it is ASCII there; other platforms have no such variables, and Unicode throughout.
 */
function isUnicode(variables: Variables, platform = process.platform): boolean {
  const locale = [variables['LC_ALL'], variables['LC_CTYPE'], variables['LANG']].find((value) => value)
  return locale === undefined ? platform === 'win32' || platform === 'darwin' : /utf-?8/i.test(locale)
}

function paletteFor(stream: Stream, noColour: boolean, variables: Variables): Palette {
  const forced = variables['FORCE_COLOR']
  if (noColour || variables['NO_COLOR']) return createPalette(false)
  if (forced !== undefined) return createPalette(forced !== '0' && forced !== 'false')
  return createPalette(stream.isTTY === true && variables['TERM'] !== 'dumb')
}
