import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LiveServer } from './live-server.js'
import { ENTRY, type Ending } from './wsctl.js'

const ROOT = new URL('../../', import.meta.url)

/** Steps of seconds instead of half an hour, checked often enough for that. */
const QUICK_STEPS = ' --poll-interval 150ms --confirm-interval 100ms --min-attempts 5'
const SHORTER: readonly (readonly [RegExp, string])[] = [
  [/--step-duration[ =]30m?\b/g, `--step-duration 500ms${QUICK_STEPS}`],
  [/--duration 30\b/g, `--duration 800ms${QUICK_STEPS}`],
  [/\bdiagnose\b/g, 'diagnose --duration 500ms'],
]

/** What a pipeline finds: a server with two pinned users, wsctl on the path, and the files that the examples name. */
export class PipelineScene {
  private constructor(readonly live: LiveServer) {}

  static async open(): Promise<PipelineScene> {
    const folder = await mkdtemp(join(tmpdir(), 'wsctl-test-'))
    const environmentFile = join(folder, '.env')
    await writeFile(environmentFile, 'WEBSOCKET_ROLLOUT_USER_LIST=user1,user2\n')
    const live = await LiveServer.open({ environmentFile }).finally(() => rm(folder, { recursive: true }))
    const scene = new PipelineScene(live)
    // As the action leaves it, and as an image has it.
    await mkdir(scene.at('wsctl', 'bin'), { recursive: true })
    await symlink(ENTRY, scene.at('wsctl', 'bin', 'wsctl'))
    await writeFile(scene.at('pinned.txt'), 'user1\nuser2\n')
    const token = live.environment['WSCTL_TOKEN'] ?? ''
    await writeFile(scene.at('token'), token)
    await writeFile(scene.at('admin-token.sh'), `#!/bin/sh\necho ${token}\n`, { mode: 0o755 })
    return scene
  }

  async close(): Promise<void> {
    await this.live.close()
  }

  at(...names: readonly string[]): string {
    return join(this.live.shell.folder, ...names)
  }

  /** Runs a script as a pipeline does: bash, which ends at the first failure. */
  bash(script: string, environment: Readonly<Record<string, string>> = {}): Promise<Ending> {
    return this.start(script, environment).ended
  }

  /** As `bash`, while it runs. */
  start(script: string, environment: Readonly<Record<string, string>> = {}) {
    const { shell, sandbox } = this.live
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      cwd: shell.folder,
      env: {
        ...shell.environment,
        PATH: `${this.at('wsctl', 'bin')}:${shell.environment['PATH'] ?? ''}`,
        WSCTL_SERVER: sandbox.url,
        RUNNER_TEMP: shell.folder,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    const ended = new Promise<Ending>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
    return { child, ended, stderr: () => stderr }
  }

  /** As `bash`, for a line that has to succeed. */
  async succeeds(script: string, environment: Readonly<Record<string, string>> = {}): Promise<Ending> {
    const ending = await this.bash(script, environment)
    assert.equal(ending.code, 0, `${script}\n${ending.stderr}`)
    return ending
  }
}

/** An example's command with short durations, and the token where it is here. */
export function shortened(command: string, scene: PipelineScene): string {
  const local = command.replaceAll('/run/secrets/wsctl/token', scene.at('token'))
  return SHORTER.reduce((text, [pattern, replacement]) => text.replaceAll(pattern, replacement), local)
}

export function readExample(name: string): Promise<string> {
  return readFile(new URL(name, ROOT), 'utf8')
}
