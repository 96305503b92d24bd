import type { Writable } from 'node:stream'

/**
 * Writes lines to a stream that may go away: a reader that left (EPIPE), a terminal that was closed
 * (EIO), a disk that is full. After the first error lines are dropped; nothing is ever thrown.
 */
export class LineWriter {
  private gone = false

  constructor(private readonly stream: Writable) {
    stream.on('error', () => {
      this.gone = true
    })
  }

  write(line: string): void {
    if (this.isOpen()) this.stream.write(`${line}\n`)
  }

  /** Resolves when everything written so far has been handed on, or never will be. */
  async flush(): Promise<void> {
    await this.settled((done) => this.stream.write('', done))
  }

  /** As `flush`, and ends the stream. */
  async end(): Promise<void> {
    await this.settled((done) => this.stream.end(done))
  }

  private isOpen(): boolean {
    return !this.gone && this.stream.writable
  }

  private async settled(act: (done: () => void) => void): Promise<void> {
    if (!this.isOpen()) return
    await new Promise<void>((resolve) => {
      this.stream.once('error', () => resolve())
      this.stream.once('close', () => resolve())
      act(() => resolve())
    })
  }
}
