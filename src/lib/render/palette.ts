import { Chalk } from 'chalk'

/** How grave a line is. Each has its own word, so that nothing is told by colour alone. */
export type Level = 'info' | 'good' | 'warning' | 'bad'

/** The word before a line; all are four columns wide, so that sentences stand in one column. */
export const LEVEL_WORDS: Readonly<Record<Level, string>> = { info: 'info', good: 'ok  ', warning: 'WARN', bad: 'FAIL' }

type Paint = (text: string) => string

/** The colours of everything that is printed, handed down so that no printer asks the environment. */
export type Palette = Readonly<Record<Level | 'dim' | 'strong', Paint>>

/** @param colour decided once, from NO_COLOR, FORCE_COLOR, --no-color and the stream */
export function createPalette(colour: boolean): Palette {
  const chalk = new Chalk({ level: colour ? 1 : 0 })
  return {
    info: (text) => text,
    good: (text) => chalk.green(text),
    warning: (text) => chalk.yellow(text),
    bad: (text) => chalk.red.bold(text),
    dim: (text) => chalk.dim(text),
    strong: (text) => chalk.bold(text),
  }
}

/** How text is laid out for one stream. */
export interface Layout {
  readonly palette: Palette
  /** Columns; Infinity where lines are never shortened, such as in a pipe. */
  readonly width: number
  /** Whether charts are drawn in ASCII, because the terminal's characters are not known to be more. */
  readonly ascii?: boolean
}
