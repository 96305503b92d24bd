import { access, constants, readFile, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { WsctlError } from '../core/error.js'
import type { Snapshot } from '../core/server.js'
import type { Clock } from '../ports/clock.js'
import type { EnvironmentFile } from '../ports/environment-file.js'
import { changedLines, type LineChanges } from './line-changes.js'
import { listBackups, takenAt, writeBackup } from './env-backups.js'
import {
  changeVariables,
  lineOf,
  readVariables,
  toVariables,
  VARIABLES,
  type Variable,
  type VariableValues,
} from './env-document.js'

const LARGEST_BYTES = 1024 * 1024
const WRITE_BITS = 0o222
/** How often an edit is begun anew because somebody else changed the file meanwhile. */
const TRIES = 3

export interface VariableLine {
  readonly name: Variable
  /** Decoded; null when the file does not set it. */
  readonly value: string | null
  /** From 1. */
  readonly line: number | null
}

/**
 * The server's environment file. It is replaced as a whole, never half; a copy of what was there is made
 * first; owner, mode and a symbolic link to it stay.
 */
export class EnvFile implements EnvironmentFile {
  /**
   * What was written here last, and the copy of what stood before it. A rollout changes the file at every
   * step: copies of its own steps would push out the one from before it.
   */
  private own: { readonly text: string; readonly backup: string } | null = null

  constructor(
    readonly path: string,
    private readonly clock: Pick<Clock, 'wallTime'>,
  ) {}

  /** The seven variables, set or not. */
  async read(): Promise<readonly VariableLine[]> {
    const { text } = await this.load()
    const values = readVariables(text)
    return VARIABLES.map((name) => ({ name, value: values[name] ?? null, line: lineOf(text, name) }))
  }

  async readPins(): ReturnType<EnvironmentFile['readPins']> {
    const values = readVariables((await this.load()).text)
    const { WEBSOCKET_ROLLOUT_USER_LIST: rollout, WEBSOCKET_FORCE_LEGACY_USERS: forced } = values
    return {
      rolloutUsers: rollout === undefined ? null : split(rollout),
      forceLegacyUsers: forced === undefined ? null : split(forced),
    }
  }

  async write(configuration: Snapshot): Promise<void> {
    const values = toVariables(configuration)
    await this.replace((text) => changeVariables(text, values), this.own)
  }

  /**
   * Changes variables in place, after a backup. A file that says so already is left alone.
   *
   * @returns path of the backup; null when nothing had to be changed
   */
  async set(values: VariableValues): Promise<string | null> {
    return this.replace((text) => changeVariables(text, values))
  }

  /**
   * Whether the file could be replaced, without touching it: the new one and the copy are made beside it.
   *
   * @throws WsctlError (usage) when it could not
   */
  async checkWritable(): Promise<void> {
    const { real, mode } = await this.load()
    this.refuseReadOnly(mode)
    await this.guard(() => Promise.all([real, dirname(real)].map((path) => access(path, constants.W_OK))))
  }

  /** Copies the file beside itself; returns the path of the copy. */
  async backup(): Promise<string> {
    const { real, content, mode } = await this.load()
    return this.guard(() => writeBackup(real, content, mode, this.clock.wallTime()))
  }

  /** Paths of the copies that were made, newest first. */
  async backups(): Promise<readonly string[]> {
    return this.guard(async () => listBackups(await realpath(this.path).catch(() => this.path)))
  }

  /** The copies that were made, each with its time, newest first. */
  async datedBackups(): Promise<readonly { readonly path: string; readonly at: string }[]> {
    const backups = await this.backups()
    const real = await realpath(this.path).catch(() => this.path)
    return backups.map((path) => ({ path, at: takenAt(real, path) }))
  }

  /**
   * Brings back a copy, by default the newest; what is there now is copied first.
   *
   * @returns the copy that was brought back, and the copy of what it replaced
   */
  async restore(from?: string): Promise<{ readonly from: string; readonly backup: string | null }> {
    const { source, text } = await this.loadBackup(from)
    return { from: source, backup: await this.replace(() => text) }
  }

  /**
   * The lines that each of some changes would change, were they made one after the other. Writes nothing.
   *
   * @throws WsctlError (usage) when the file could not be changed so
   */
  async preview(changes: readonly VariableValues[]): Promise<readonly LineChanges[]> {
    const { text, mode } = await this.load()
    this.refuseReadOnly(mode)
    let before = text
    return changes.map((values) => {
      const after = changeVariables(before, values)
      const changed = changedLines(before, after)
      before = after
      return changed
    })
  }

  /** As `preview`, of bringing back a copy. */
  async previewRestore(from?: string): Promise<LineChanges & { readonly from: string }> {
    const { source, text } = await this.loadBackup(from)
    const present = await this.load()
    this.refuseReadOnly(present.mode)
    return { from: source, ...changedLines(present.text, text) }
  }

  private async loadBackup(from: string | undefined): Promise<{ readonly source: string; readonly text: string }> {
    const source = from ?? (await this.backups())[0]
    if (source === undefined) {
      throw new WsctlError('env-no-backup', `there is no backup of ${this.path}`, {
        outcome: 'usage',
        suggestions: [`make one: wsctl env backup --env-file ${this.path}`],
      })
    }
    const { text } = await new EnvFile(source, this.clock).load()
    if (Object.keys(readVariables(text)).length === 0) {
      throw new WsctlError(
        'env-not-a-backup',
        `${source} holds none of the server's variables, so nothing was changed`,
        {
          outcome: 'usage',
          suggestions: [`to bring back the newest backup: wsctl env restore --env-file ${this.path}`],
        },
      )
    }
    return { source, text }
  }

  /** @param own what needs no copy of its own */
  private async replace(edit: (text: string) => string, own: typeof this.own = null): Promise<string | null> {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const { real, content, text, mode } = await this.load()
      const changed = edit(text)
      if (changed === text) return null
      this.refuseReadOnly(mode)
      const backup =
        own?.text === text
          ? own.backup
          : await this.guard(() => writeBackup(real, content, mode, this.clock.wallTime()))
      const present = await this.guard(() => readFile(real))
      if (!present.equals(content)) continue
      await this.guard(() => writeFileAtomic(real, Buffer.from(changed, 'utf8'), { mode }))
      this.own = { text: changed, backup }
      return backup
    }
    throw new WsctlError('env-file-busy', `${this.path} is being changed by somebody else; it was left alone`, {
      outcome: 'usage',
      suggestions: ['try again when nobody edits it'],
    })
  }

  private async load(): Promise<{ real: string; content: Buffer; text: string; mode: number }> {
    return this.guard(async () => {
      const real = await realpath(this.path)
      const found = await stat(real)
      // Reading a pipe or a device may never end.
      if (!found.isFile() && !found.isDirectory()) throw this.unreadable('is no regular file')
      if (found.size > LARGEST_BYTES) throw this.unreadable(`is larger than ${LARGEST_BYTES} bytes`)
      const content = await readFile(real)
      return { real, content, text: this.decode(content), mode: found.mode & 0o7777 }
    })
  }

  private decode(content: Buffer): string {
    if (content.includes(0)) throw this.unreadable('holds NUL bytes')
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
    } catch {
      throw this.unreadable('is not UTF-8 text')
    }
  }

  private unreadable(why: string): WsctlError {
    return new WsctlError(
      'env-file-unreadable',
      `${this.path} ${why}, so it is no environment file; it was left alone`,
      {
        outcome: 'usage',
        suggestions: ['name the file from which the server reads its settings: --env-file FILE'],
      },
    )
  }

  /** Also for a superuser, whom the system would let: whoever took the write bits away meant it. */
  private refuseReadOnly(mode: number): void {
    if ((mode & WRITE_BITS) !== 0) return
    throw new WsctlError('env-file-read-only', `${this.path} is read-only, so it was left alone`, {
      outcome: 'usage',
      suggestions: [`make it writable: chmod u+w ${this.path}`, 'or leave the file alone: --no-env-file'],
    })
  }

  /** System errors in an operator's words. */
  private async guard<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      if (error instanceof WsctlError) throw error
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      const what = SYSTEM_ERRORS[code] ?? `cannot be used (${error instanceof Error ? error.message : String(error)})`
      throw new WsctlError(
        code === 'ENOENT' ? 'env-file-missing' : 'env-file-unusable',
        `the environment file ${this.path} ${what}`,
        {
          outcome: 'usage',
          suggestions: [
            'name the file from which the server reads its settings: --env-file FILE',
            'or leave it alone: --no-env-file',
          ],
          cause: error,
        },
      )
    }
  }
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder',
  EACCES: 'cannot be read or written by this account',
  EPERM: 'cannot be read or written by this account',
  EROFS: 'is on a read-only file system',
  ENOSPC: 'cannot be written: the disk is full',
  ELOOP: 'is a symbolic link to itself',
}

function split(list: string): readonly string[] {
  return list
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')
}
