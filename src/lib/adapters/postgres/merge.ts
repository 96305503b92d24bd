import { decodeEvent } from '../../contract/event.js'
import type { UnmergedEvent, UnmergedRecord } from '../../contract/unmerged.js'
import { INSERT_ENTRY } from './audit.js'
import type { Query } from './database.js'

/**
 * Takes into the database what waited for it, in order, and nothing of it twice.
 *
 * @returns the runs whose events were not taken, because another process went on with them meanwhile
 */
export async function merge(query: Query, records: readonly UnmergedRecord[]): Promise<readonly string[]> {
  const events = records.filter((record) => record.kind === 'event')
  const superseded: string[] = []
  for (const run of new Set(events.map((event) => event.run))) {
    const ofRun = events.filter((event) => event.run === run)
    if (!(await mergeRun(query, run, ofRun))) superseded.push(run)
  }
  for (const record of records) {
    if (record.kind === 'audit') await query(INSERT_ENTRY, record.key, record.line)
  }
  return superseded
}

async function mergeRun(query: Query, run: string, events: readonly UnmergedEvent[]): Promise<boolean> {
  const [first] = events
  if (first === undefined) return true
  await query('insert into wsctl.run (id, fence) values ($1, $2) on conflict (id) do nothing', run, first.fence)
  const [known] = await query<{ readonly is_ours: boolean }>(
    'select fence <= $2 as is_ours from wsctl.run where id = $1 for update',
    run,
    first.fence,
  )
  if (known?.is_ours !== true) return false
  for (const { seq, fence, line } of events) {
    // The first of them may be in the place of one that was written, but whose run never learnt that.
    await query(
      `insert into wsctl.event (run, seq, fence, line) values ($1, $2, $3, $4)
       on conflict (run, seq) do update set line = excluded.line`,
      run,
      seq,
      fence,
      line,
    )
  }
  const last = events.at(-1)
  // One that came to its end has nothing to take up.
  if (last && decodeEvent(last.line).type === 'finished') await query('delete from wsctl.claim where run = $1', run)
  return true
}
