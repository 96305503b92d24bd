import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import * as z from 'zod'
import { resultSchema, type Result } from '../../src/lib/contract/result.js'
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/lib/sandbox/sandbox.js'
import { ENTRY, Shell, type Ending } from './wsctl.js'

const TOKEN = 'test-token'
const BUSY: SandboxOptions = { users: 60, pace: { stayMs: 700, awayMs: 300 }, adminToken: TOKEN }

/** Several sandboxes and a shell beside them, for one test. */
export class LiveFleet {
  private constructor(
    readonly shell: Shell,
    readonly sandboxes: readonly Sandbox[],
  ) {}

  static async open(...each: readonly SandboxOptions[]): Promise<LiveFleet> {
    const sandboxes = await Promise.all(each.map((options) => startSandbox({ ...BUSY, ...options })))
    return new LiveFleet(await Shell.open(), sandboxes)
  }

  async close(): Promise<void> {
    await Promise.all(this.sandboxes.map((sandbox) => sandbox.close()))
    await this.shell.close()
  }

  get urls(): readonly string[] {
    return this.sandboxes.map(({ url }) => url)
  }

  /** Names all of them to a command. */
  get named(): readonly string[] {
    return this.urls.flatMap((url) => ['--server', url])
  }

  start(...argv: readonly string[]) {
    return this.shell.start(argv, { WSCTL_TOKEN: TOKEN })
  }

  wsctl(...argv: readonly string[]): Promise<Ending> {
    return this.start(...argv).ended
  }

  async result(...argv: readonly string[]): Promise<Result> {
    const { stdout } = await this.wsctl(...argv, '--json')
    return resultSchema.parse(JSON.parse(stdout))
  }

  /** Where a server stands, such as `gradual 5`. */
  async settings(url: string): Promise<string> {
    const { stdout } = await this.wsctl('status', '--json', '--server', url)
    const { rollout } = JSON.parse(stdout) as { rollout: { mode: string; percentage: number } }
    return `${rollout.mode} ${rollout.percentage}`
  }
}

/** A sandbox that is a process of its own, so that it can be frozen. */
export async function spawnSandbox(): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const argv = ['sandbox', '--port', '0', '--token', TOKEN, '--users', '60', '--stay', '700ms', '--away', '300ms']
  const child = spawn(ENTRY, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
  const lines = createInterface({ input: child.stderr })
  createInterface({ input: child.stdout }).on('line', (line) => lines.emit('line', line))
  for await (const [line] of onLines(lines)) {
    const [url] = /http:\/\/[\d.]+:\d+/.exec(line) ?? []
    if (url !== undefined) return { url, child }
  }
  throw new Error('the sandbox did not say where it is')
}

async function* onLines(lines: NodeJS.EventEmitter): AsyncGenerator<readonly [string]> {
  for (;;) {
    const [line] = z.tuple([z.string()]).parse(await once(lines, 'line'))
    yield [line]
  }
}
