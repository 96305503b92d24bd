import { join } from 'node:path'
import { statsSchema } from '../../src/lib/contract/admin-api.js'
import { resultSchema, type Result } from '../../src/lib/contract/result.js'
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/lib/sandbox/sandbox.js'
import { SpawnedSandbox } from './spawned-sandbox.js'
import { Shell, type Ending } from './wsctl.js'

const TOKEN = 'test-token'
const BUSY: SandboxOptions = { users: 60, pace: { stayMs: 700, awayMs: 300 }, adminToken: TOKEN }
const BUSY_FLAGS = ['--token', TOKEN, '--users', '60', '--stay', '700ms', '--away', '300ms']

/** Several sandboxes and a shell beside them, for one test. */
export class LiveFleet {
  readonly #spawned: SpawnedSandbox[] = []

  private constructor(
    readonly shell: Shell,
    readonly sandboxes: readonly Sandbox[],
  ) {}

  static async open(...each: readonly SandboxOptions[]): Promise<LiveFleet> {
    const sandboxes = await Promise.all(each.map((options) => startSandbox({ ...BUSY, ...options })))
    return new LiveFleet(await Shell.open(), sandboxes)
  }

  /** One more server, which is a process of its own. */
  async spawn(): Promise<SpawnedSandbox> {
    const log = join(this.shell.folder, `sandbox-${this.#spawned.length}.log`)
    const sandbox = await SpawnedSandbox.start(BUSY_FLAGS, log)
    this.#spawned.push(sandbox)
    return sandbox
  }

  async close(): Promise<void> {
    await Promise.all([...this.sandboxes.map((sandbox) => sandbox.close()), ...this.#spawned.map((one) => one.kill())])
    await this.shell.close()
  }

  get urls(): readonly string[] {
    return [...this.sandboxes, ...this.#spawned].map(({ url }) => url)
  }

  /** Names all of them to a command. */
  get named(): readonly string[] {
    return this.urls.flatMap((url) => ['--server', url])
  }

  get environment(): Readonly<Record<string, string>> {
    return { WSCTL_TOKEN: TOKEN }
  }

  start(...argv: readonly string[]) {
    return this.shell.start(argv, this.environment)
  }

  wsctl(...argv: readonly string[]): Promise<Ending> {
    return this.start(...argv).ended
  }

  async result(...argv: readonly string[]): Promise<Result> {
    const { stdout } = await this.wsctl(...argv, '--json')
    return resultSchema.parse(JSON.parse(stdout))
  }

  /** Where a server stands by its own word, such as `gradual 5`; by way of no wsctl, which takes a while to start. */
  async settings(url: string): Promise<string> {
    const { feature_flags: flags } = statsSchema.parse(await (await fetch(`${url}/api/websocket/stats`)).json())
    return `${flags.migration_mode} ${flags.rollout_percentage}`
  }

  /** Where all of them stand. */
  standing(): Promise<readonly string[]> {
    return Promise.all(this.urls.map((url) => this.settings(url)))
  }
}
