import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { resultSchema, type Result } from '../../src/lib/contract/result.js'
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/lib/sandbox/sandbox.js'
import { Shell, type Ending } from './wsctl.js'

const TOKEN = 'test-token'
/** Many attempts a second, so that seconds are enough to judge. */
const BUSY: SandboxOptions = { users: 150, pace: { stayMs: 700, awayMs: 300 }, adminToken: TOKEN }
const QUICK = ['--poll-interval', '300ms', '--confirm-interval', '150ms']

/** `deploy gradual` over 5, 20, … with steps of this length. */
export function gradual({ max = '20', duration = '1500ms' } = {}): readonly string[] {
  const range = ['--initial-percentage', '5', '--max-percentage', max, '--step-size', '15']
  return ['deploy', 'gradual', ...range, '--step-duration', duration, ...QUICK]
}

/** Waits until something holds; a test that waits in vain ends by its own time-out. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(30)
}

type Run = ReturnType<Shell['start']>

/** The process that watches over a run; null when it has none. */
export async function companionOf({ child }: Pick<Run, 'child'>): Promise<number | null> {
  // pgrep fails when it finds nothing.
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(child.pid)]).catch(() => ({ stdout: '' }))
  return stdout.trim() === '' ? null : Number(stdout)
}

/** As when the machine fails: the run dies, and so does the companion that would take over. */
export async function killWithCompanion(run: Pick<Run, 'child' | 'ended'>): Promise<void> {
  const companion = await companionOf(run)
  if (companion !== null) process.kill(companion, 'SIGKILL')
  run.child.kill('SIGKILL')
  await run.ended
}

/** A sandbox and a shell beside it, for one test. */
export class LiveServer {
  #opened: { readonly shell: Shell; readonly sandbox: Sandbox } | null = null

  private constructor(private readonly options: SandboxOptions) {}

  static async open(options: SandboxOptions = {}): Promise<LiveServer> {
    const live = new LiveServer(options)
    await live.#open()
    return live
  }

  /** Another one for each test of the suite in which it is called. */
  static forEachTest(options: SandboxOptions = {}): LiveServer {
    const live = new LiveServer(options)
    beforeEach(() => live.#open())
    afterEach(() => live.close())
    return live
  }

  async #open(): Promise<void> {
    this.#opened = { shell: await Shell.open(), sandbox: await startSandbox({ ...BUSY, ...this.options }) }
  }

  async close(): Promise<void> {
    await this.sandbox.close()
    await this.shell.close()
  }

  get shell(): Shell {
    return this.#parts.shell
  }

  get sandbox(): Sandbox {
    return this.#parts.sandbox
  }

  get #parts() {
    if (this.#opened === null) throw new Error('there is a live server within tests alone')
    return this.#opened
  }

  start(...argv: readonly string[]): Run {
    return this.shell.start(argv, this.environment)
  }

  wsctl(...argv: readonly string[]): Promise<Ending> {
    return this.start(...argv).ended
  }

  async result(...argv: readonly string[]): Promise<Result> {
    const { stdout } = await this.wsctl(...argv, '--json')
    return resultSchema.parse(JSON.parse(stdout))
  }

  /** Mode and percentage, such as `gradual 5`. */
  async settings(): Promise<string> {
    const { stdout } = await this.wsctl('status', '--json')
    const { rollout } = JSON.parse(stdout) as { rollout: { mode: string; percentage: number } }
    return `${rollout.mode} ${rollout.percentage}`
  }

  get environment(): Readonly<Record<string, string>> {
    return { WSCTL_SERVER: this.sandbox.url, WSCTL_TOKEN: TOKEN }
  }
}
