import { randomUUID } from 'node:crypto'
import { decodeEntry, encodeEntry } from '../../contract/audit.js'
import type { NewEntry } from '../../core/audit-entry.js'
import { WsctlError } from '../../core/error.js'
import type { AuditRecord, AuditStore } from '../../ports/state-store.js'
import type { Database } from './database.js'
import type { Unmerged } from './unmerged.js'

/** The audit record in the database. What cannot be written there waits on disk. */
export class PostgresAudit implements AuditStore {
  readonly place: string

  constructor(
    private readonly database: Database,
    private readonly unmerged: Unmerged,
  ) {
    this.place = `${database.place}, table wsctl.audit`
  }

  async check(): Promise<void> {
    const [row] = await this.database.query<{ readonly may: boolean }>(
      `select has_table_privilege('wsctl.audit', 'insert') as may`,
    )
    if (row?.may === true) return
    throw new WsctlError('audit-unwritable', `the audit record ${this.place} may not be added to by this user`, {
      outcome: 'usage',
      suggestions: ['the rights that wsctl needs are in docs/shared-state.md'],
    })
  }

  async append(entry: NewEntry): Promise<void> {
    const [key, line] = [randomUUID(), encodeEntry(entry)]
    try {
      await this.database.query(INSERT_ENTRY, key, line)
    } catch {
      // What was changed is a fact, whether the database is there or not.
      await this.unmerged.add({ kind: 'audit', key, line })
    }
  }

  async read(): Promise<AuditRecord> {
    const rows = await this.database.query<{ readonly line: string }>('select line from wsctl.audit order by id')
    const entries = rows.flatMap(({ line }) => decodeEntry(line) ?? [])
    return { entries, unreadable: rows.length - entries.length }
  }
}

/** One that was written already is not written twice. */
export const INSERT_ENTRY = 'insert into wsctl.audit (key, line) values ($1, $2) on conflict (key) do nothing'
