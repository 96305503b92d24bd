import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { until } from './live-server.js'
import { ENTRY } from './wsctl.js'

/** Those that live. What ends the tests ends them too. */
const running = new Set<ChildProcess>()
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/** A sandbox that is a process of its own, so that it can be frozen and killed. It outlives no test, however that ends. */
export class SpawnedSandbox {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /**
   * Resolves when it listens.
   *
   * @param log what it prints goes to this file: a pipe would keep the process of the tests from ending
   */
  static async start(flags: readonly string[], log: string): Promise<SpawnedSandbox> {
    const output = await open(log, 'a')
    const argv = ['sandbox', '--port', '0', ...flags]
    const child = spawn(ENTRY, argv, { stdio: ['ignore', output.fd, output.fd] })
    await output.close()
    running.add(child)
    child.once('exit', () => running.delete(child))
    child.unref()
    let url: string | undefined
    await until(async () => {
      const said = await readFile(log, 'utf8')
      if (!running.has(child)) throw new Error(`the sandbox did not start: ${said}`)
      ;[url] = /http:\/\/[\d.]+:\d+/.exec(said) ?? []
      return url !== undefined
    })
    return new SpawnedSandbox(child, url ?? '')
  }

  /** Takes connections from now on, and answers none. */
  freeze(): void {
    this.child.kill('SIGSTOP')
  }

  thaw(): void {
    this.child.kill('SIGCONT')
  }

  /** As when its machine fails; a frozen one as well. */
  async kill(): Promise<void> {
    if (!running.has(this.child)) return
    const ended = once(this.child, 'exit')
    this.child.ref()
    this.child.kill('SIGKILL')
    await ended
  }
}
