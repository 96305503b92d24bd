import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The program as it was built. */
export const ENTRY = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

export interface Ending {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A shell of its own for each test: an empty working folder, its own records, no settings from outside. */
export class Shell {
  private constructor(readonly folder: string) {}

  static async open(): Promise<Shell> {
    return new Shell(await mkdtemp(join(tmpdir(), 'wsctl-test-')))
  }

  get environment(): Readonly<Record<string, string>> {
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: this.folder,
      WSCTL_STATE_DIR: join(this.folder, 'state'),
    }
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }

  /** Runs the built command line to its end, as a terminal would start it: by its first line. */
  run(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ending> {
    return this.start(argv, environment).ended
  }

  /** @param program another than wsctl, such as a shell that calls it */
  start(argv: readonly string[], environment: Readonly<Record<string, string>> = {}, program = ENTRY) {
    const child = spawn(program, argv, {
      cwd: this.folder,
      env: { ...this.environment, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    const ended = new Promise<Ending>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
    return { child, ended, stderr: () => stderr }
  }
}
