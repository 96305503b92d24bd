import { WsctlError } from '../../core/error.js'
import type { Database, Query } from './database.js'

/** What brings a database from one version of the schema to the next. */
interface Migration {
  readonly version: number
  /** The oldest version of wsctl's schema that still works with the database afterwards. */
  readonly compatible: number
  readonly sql: string
}

/** Only ever added to. One that only adds tables or columns leaves `compatible` as it is. */
const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    compatible: 1,
    sql: `
create sequence wsctl.fence;
create table wsctl.run (
  id text primary key,
  fence bigint not null,
  notices text
);
create table wsctl.event (
  run text not null references wsctl.run,
  seq integer not null,
  fence bigint not null,
  line text not null,
  primary key (run, seq)
);
create table wsctl.claim (
  run text primary key,
  claim text not null,
  fence bigint not null,
  leased_until timestamptz not null
);
create table wsctl.audit (
  id bigint generated always as identity primary key,
  key uuid not null unique,
  line text not null
);
create table wsctl.command (
  id text primary key,
  run text not null,
  line text not null,
  given_at timestamptz not null default clock_timestamp()
);
create table wsctl.delivery (
  run text not null,
  target text not null,
  key text not null,
  result text not null,
  primary key (run, target, key)
);`,
  },
]

/** The version of the schema that this wsctl writes. */
const SCHEMA_VERSION = MIGRATIONS.length

/** Codes of PostgreSQL for a schema or a table that there is not. */
const MISSING = new Set(['3F000', '42P01'])

/**
 * Makes sure that the database has a schema that this wsctl can work with.
 *
 * @param options.mayMigrate false for one that has no time to: an older schema is then an error
 * @throws WsctlError `state-newer` (exit 2); also `state-unreachable`, `state-refused`
 */
export async function prepareSchema(
  database: Database,
  { mayMigrate }: { readonly mayMigrate: boolean },
): Promise<void> {
  const found = await database.query(VERSION_SQL).then(([row]) => versionOf(row), ifMissing)
  checkVersion(found, database.place)
  if (found.version >= SCHEMA_VERSION) return
  if (!mayMigrate) throw tooOld(database.place)
  await database.unhurried((query) => migrate(query, database.place))
}

async function migrate(query: Query, place: string): Promise<void> {
  await query('begin')
  try {
    await query(`set local statement_timeout = '60s'`)
    // Whoever comes second waits for the first, and then finds nothing to do.
    await query(`select pg_advisory_xact_lock(hashtext('wsctl migration'))`)
    await query('create schema if not exists wsctl')
    await query(`create table if not exists wsctl.schema_version (
      only_row boolean primary key default true check (only_row),
      version integer not null,
      compatible integer not null
    )`)
    const found = versionOf((await query(VERSION_SQL))[0])
    checkVersion(found, place)
    for (const { version, compatible, sql } of MIGRATIONS.slice(found.version)) {
      await query(sql)
      await query(
        `insert into wsctl.schema_version (version, compatible) values ($1, $2)
         on conflict (only_row) do update set version = excluded.version, compatible = excluded.compatible`,
        version,
        compatible,
      )
    }
    await query('commit')
  } catch (error) {
    await query('rollback').catch(() => undefined)
    throw error
  }
}

const VERSION_SQL = 'select version, compatible from wsctl.schema_version'

interface Version {
  readonly version: number
  readonly compatible: number
}

const NONE: Version = { version: 0, compatible: 0 }

function versionOf(row: { readonly version?: unknown; readonly compatible?: unknown } | undefined): Version {
  return row === undefined ? NONE : { version: Number(row.version), compatible: Number(row.compatible) }
}

function ifMissing(error: unknown): Version {
  const cause = error instanceof WsctlError ? error.cause : null
  if (cause instanceof Error && 'code' in cause && MISSING.has(String(cause.code))) return NONE
  throw error
}

/** One that is newer, and only has more than this wsctl knows, does no harm. */
function checkVersion({ version, compatible }: Version, place: string): void {
  if (compatible <= SCHEMA_VERSION) return
  throw new WsctlError(
    'state-newer',
    `the shared state ${place} has the schema ${version} of a newer wsctl, and this one knows ${SCHEMA_VERSION}. Nothing was changed`,
    { outcome: 'usage', suggestions: ['use a newer wsctl, as the rest of the team does'] },
  )
}

function tooOld(place: string): WsctlError {
  return new WsctlError('state-unreachable', `the shared state ${place} has no tables of this wsctl yet`, {
    outcome: 'usage',
    suggestions: ['to have them made: wsctl history'],
  })
}
