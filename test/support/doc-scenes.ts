/** Where a page of the documentation is followed: a server, a folder and a shell as it presumes them. */
import { spawn } from 'node:child_process'
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { killWithCompanion, LiveServer, until } from './live-server.js'
import { shortened } from './doc-lines.js'
import { ENTRY, type Ending } from './wsctl.js'

type Variables = Readonly<Record<string, string>>

/** What goes on until it is stopped: it is stopped with Ctrl-C once it has said something. */
const ENDLESS = /^wsctl (?:sandbox|rollout watch)\b/

/** A line of a page that needs more than the lines before it have left. */
export interface Cue {
  /** How it begins; it is the next such line of its page. */
  readonly line: string
  /** What has to be so before it is typed. */
  readonly before?: (scene: DocScene) => Promise<void>
  /** Exit code that the page tells of; 0 when left out. */
  readonly code?: number
  /** What is typed in its place, where the line itself would take hours. */
  readonly instead?: string
  readonly variables?: (scene: DocScene) => Variables
}

/** A server, a folder and a shell in which one page is followed. */
export class DocScene {
  readonly #receiver: Server
  /** A run that goes on beside what is typed. */
  #beside: ReturnType<LiveServer['start']> | null = null
  /** A server whose API is mounted elsewhere. */
  #elsewhere: LiveServer | null = null
  #pins: readonly [rollout: readonly string[], forced: readonly string[]] = [[], []]

  private constructor(readonly live: LiveServer) {
    this.#receiver = createServer((request, response) => {
      request.resume()
      request.on('end', () => response.end('ok'))
    }).listen(0, '127.0.0.1')
  }

  static async open(): Promise<DocScene> {
    const calm = { users: 50, pace: { stayMs: 700, awayMs: 300 } }
    const scene = new DocScene(await LiveServer.open(calm))
    await scene.#furnish()
    return scene
  }

  async close(): Promise<void> {
    if (this.#beside !== null) await killWithCompanion(this.#beside)
    this.#receiver.close()
    this.#receiver.closeAllConnections()
    await this.live.close()
    await this.#elsewhere?.close()
  }

  at(...names: readonly string[]): string {
    return join(this.live.shell.folder, ...names)
  }

  /** Files and programs that the pages name. */
  async #furnish(): Promise<void> {
    await mkdir(this.at('bin'))
    await mkdir(this.at('ops'))
    await symlink(ENTRY, this.at('bin', 'wsctl'))
    const token = this.live.environment['WSCTL_TOKEN'] ?? ''
    const program = (text: string) => ({ text: `#!/bin/sh\n${text}\n`, mode: 0o755 })
    const text = (...lines: readonly string[]) => ({ text: `${lines.join('\n')}\n`, mode: 0o600 })
    const files = {
      'bin/vault': program(`echo ${token}`),
      // What it would pick out does not matter here, only that it is given a document.
      'bin/jq': program('for last; do :; done; if [ -f "$last" ]; then cat "$last"; else cat; fi'),
      'print-admin-token': program(`echo ${token}`),
      token: text(token),
      'pinned.txt': text('user1', 'user2'),
      'users.txt': text(...Array.from({ length: 60 }, (_, index) => `user${index}`)),
      'ops/rollout-users.txt': text('user1', 'user2'),
      'ops/force-legacy-users.txt': text('user7'),
      'server.env': text('WEBSOCKET_ROLLOUT_USER_LIST=user1,user2,user5', 'WEBSOCKET_FORCE_LEGACY_USERS=user7'),
      'chat.env': text('WEBSOCKET_ROLLOUT_USER_LIST=', 'WEBSOCKET_FORCE_LEGACY_USERS='),
    }
    for (const [name, file] of Object.entries(files)) await writeFile(this.at(name), file.text, { mode: file.mode })
  }

  /** Sets the server as if somebody had, with the lists that it has. */
  async put(mode: string, percentage: number, pins = this.#pins): Promise<void> {
    this.#pins = pins
    const [rolloutUsers, forced] = pins
    await fetch(`${this.live.sandbox.url}/api/websocket-admin/configure`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.live.environment['WSCTL_TOKEN'] ?? ''}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        migration_mode: mode,
        rollout_percentage: percentage,
        rollout_user_list: rolloutUsers,
        force_legacy_users: forced,
      }),
    })
  }

  /** Remembers what a page has set by itself. */
  keep(...pins: readonly [rollout: readonly string[], forced: readonly string[]]): void {
    this.#pins = pins
  }

  /** Loses the records, as on another machine. */
  async forget(): Promise<void> {
    await rm(this.at('state'), { recursive: true, force: true })
  }

  /** Leaves a rollout behind, as a machine that fails does. */
  async leaveRun(): Promise<void> {
    await this.put('disabled', 0)
    const run = this.#start('wsctl deploy gradual --max-percentage 20 --step-size 15')
    await until(() => run.stderr().includes('observing for'))
    await killWithCompanion(run)
  }

  /** Has a rollout wait at the gate of its third step. */
  async startRun(): Promise<void> {
    await this.put('disabled', 0)
    await writeFile(
      this.at('gated.yaml'),
      'steps: [5, 10, {percentage: 20, gate: approval}, {percentage: 30, gate: approval}]\n',
    )
    this.#beside = this.#start('wsctl deploy gradual --plan gated.yaml')
    const { stderr } = this.#beside
    await until(() => /step 3 of 4: .*(?:approv|promote)/.test(stderr()))
  }

  #start(line: string): ReturnType<LiveServer['start']> {
    return this.live.start(...shortened(line).split(' ').slice(1))
  }

  /** Follows a line of a page, its cue given. */
  async type(line: string, cue: Partial<Cue> = {}): Promise<Ending> {
    if (line.includes('wsctl deploy gradual') && !/--initial-percentage (?:50|"\$1") /.test(line) && !cue.before) {
      await this.put('disabled', 0)
    }
    await cue.before?.(this)
    const typed = await this.#here(shortened(cue.instead ?? line))
    const isEndless = ENDLESS.test(line)
    const shell = line.includes('completion zsh') ? ['zsh', '-fc', `autoload -U compinit; compinit -u; ${typed}`] : null
    const [program = 'bash', ...argv] = shell ?? ['bash', '-c', isEndless ? `exec ${typed}` : typed, 'sh', '5', '50']
    const child = spawn(program, argv, {
      cwd: this.live.shell.folder,
      env: { ...this.#variables(), ...cue.variables?.(this) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    const ended = new Promise<Ending>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
    if (isEndless) {
      await until(() => stdout + stderr !== '' || child.exitCode !== null)
      child.kill('SIGINT')
    }
    return ended
  }

  #variables(): Variables {
    const { shell, environment } = this.live
    return {
      ...shell.environment,
      ...environment,
      PATH: `${this.at('bin')}:${shell.environment['PATH'] ?? ''}`,
      ADMIN_TOKEN: environment['WSCTL_TOKEN'] ?? '',
      STAGING_TOKEN: environment['WSCTL_TOKEN'] ?? '',
      WSCTL_CONFIG_DIR: this.at('config'),
      // A machine that does much else answers late.
      WSCTL_TIMEOUT: '60s',
      WSCTL_NOTIFY_SECRET: 'something-long',
      SLACK_WEBHOOK: `http://127.0.0.1:${this.#port}/`,
    }
  }

  get #port(): number {
    return (this.#receiver.address() as AddressInfo).port
  }

  /** Addresses, paths and ids of the pages as they are in this scene. */
  async #here(line: string): Promise<string> {
    const names = await readdir(this.at('state', 'runs')).catch(() => [])
    const runs = names.filter((name) => name.endsWith('.jsonl')).sort()
    const newest = runs.at(-1)?.replace('.jsonl', '') ?? 'none'
    const first = runs[0]?.replace('.jsonl', '') ?? 'none'
    const soon = new Date(Date.now() + 3 * 24 * 60 * 60_000).toLocaleDateString('en-GB', {
      weekday: 'short',
      timeZone: 'UTC',
    })
    return (
      line
        .replaceAll(/http:\/\/127\.0\.0\.1:8000|https:\/\/(?:chat|staging)\.example\.com/g, this.live.sandbox.url)
        .replaceAll('http://127.0.0.1:9000/', `http://127.0.0.1:${this.#port}/`)
        .replaceAll('127.0.0.1:9464', '127.0.0.1:0')
        .replaceAll('/var/lib/node_exporter/textfile', this.live.shell.folder)
        .replaceAll('/srv/chat/.env', this.at('chat.env'))
        .replaceAll('/run/secrets/wsctl/token', this.at('token'))
        .replaceAll('20261125-104004', newest)
        .replaceAll('20261124-0930', first)
        // A window that is open today would refuse the rollout.
        .replaceAll(/--freeze "[^"]*"/g, `--freeze "${soon} 12:00-${soon} 13:00 UTC"`)
        .replace(/^wsctl sandbox(?!.*--port)/, 'wsctl sandbox --port 0')
    )
  }

  /** Starts a server whose API is mounted elsewhere. */
  async mountElsewhere(): Promise<void> {
    const mounted = { adminPath: '/api/admin/websocket-admin', statsPath: '/api/websocket/ws/stats', users: 2 }
    this.#elsewhere ??= await LiveServer.open(mounted)
  }

  get mountedElsewhere(): Variables {
    return this.#elsewhere === null ? {} : this.#elsewhere.environment
  }
}
