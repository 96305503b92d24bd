import assert from 'node:assert/strict'
import { appendFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditFile } from '../../../src/lib/adapters/audit-file.js'
import { EnvFile } from '../../../src/lib/adapters/env-file.js'
import { WatchedEnvFile } from '../../../src/lib/adapters/watched-env-file.js'
import type { NewEntry } from '../../../src/lib/core/audit-entry.js'
import { FakeClock } from '../../support/fakes.js'

function entry(pid: number): NewEntry {
  return {
    time: '2026-11-24T09:00:00.000Z',
    operator: 'ada@build-7',
    pid,
    command: 'env set',
    rolloutId: null,
    server: null,
    reason: null,
    failure: null,
    target: 'environment-file',
    change: 'set',
    path: '/srv/app/.env',
    before: { WEBSOCKET_MIGRATION_MODE: null },
    after: { WEBSOCKET_MIGRATION_MODE: 'disabled' },
  }
}

describe('the audit record on disk', () => {
  let folder: string
  let audit: AuditFile
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsctl-audit-'))
    audit = new AuditFile(join(folder, 'state'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const pids = async (): Promise<readonly number[]> => (await audit.read()).entries.map(({ pid }) => pid)

  it('is only ever added to, and only its owner can read it', async () => {
    await audit.append(entry(1))
    const first = await readFile(audit.place, 'utf8')
    await audit.append(entry(2))
    assert.ok((await readFile(audit.place, 'utf8')).startsWith(first))
    assert.deepEqual(await pids(), [1, 2])
    assert.deepEqual(
      [(await stat(audit.place)).mode & 0o777, (await stat(join(folder, 'state'))).mode & 0o777],
      [0o600, 0o700],
    )
  })

  it('is empty before the first change', async () => {
    assert.deepEqual(await audit.read(), { entries: [], unreadable: 0 })
    await audit.check()
    assert.deepEqual(await audit.read(), { entries: [], unreadable: 0 })
  })

  it('keeps whole lines when many add at the same time', async () => {
    await Promise.all(Array.from({ length: 100 }, (_, pid) => new AuditFile(join(folder, 'state')).append(entry(pid))))
    assert.deepEqual(
      [...(await pids())].sort((a, b) => a - b),
      [...Array(100).keys()],
    )
  })

  it('loses no entry after half a line that a crash left', async () => {
    await audit.append(entry(1))
    await appendFile(audit.place, '{"schema":"wsctl/audit-')
    await audit.append(entry(2))
    assert.deepEqual(await pids(), [1, 2])
    assert.equal((await audit.read()).unreadable, 1)
  })

  it('skips lines of a later wsctl, and counts them', async () => {
    await audit.append(entry(1))
    const line = await readFile(audit.place, 'utf8')
    await appendFile(audit.place, line.replace('audit-entry@1', 'audit-entry@2'))
    await appendFile(audit.place, line.replace('"pid":1', '"pid":3,"added":true'))
    assert.deepEqual(await pids(), [1, 3])
    assert.equal((await audit.read()).unreadable, 1)
  })

  it('is a usage error when it cannot be written or read', async () => {
    await writeFile(join(folder, 'state'), '')
    await assert.rejects(audit.check(), { code: 'audit-unwritable', exitCode: 2 })
    await assert.rejects(audit.append(entry(1)), { code: 'audit-unwritable' })
    await rm(join(folder, 'state'))
    await mkdir(audit.place, { recursive: true })
    await assert.rejects(audit.read(), { code: 'audit-unreadable', exitCode: 2 })
  })
})

describe('an environment file that is watched', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsctl-watched-'))
    path = join(folder, '.env')
    await writeFile(path, 'WEBSOCKET_MIGRATION_MODE=disabled\nSECRET_KEY=hunter2\n')
  })
  afterEach(() => rm(folder, { recursive: true }))

  const at = (percentage: number) =>
    ({ mode: 'gradual', percentage, legacyFallback: true, rolloutUsers: null, forceLegacyUsers: null }) as const

  it('tells what its writes changed until that is on record, and nothing of other variables', async () => {
    const clock = new FakeClock()
    const file = new WatchedEnvFile(new EnvFile(path, clock))
    const told = (): string => JSON.stringify(file.change)
    assert.equal(told(), 'null')
    await file.write(at(5))
    clock.pass(1000)
    await file.write(at(20))
    assert.match(told(), /"before":.*"WEBSOCKET_ROLLOUT_PERCENTAGE":null.*"WEBSOCKET_MIGRATION_MODE":"disabled"/)
    assert.match(told(), /"after":.*"WEBSOCKET_ROLLOUT_PERCENTAGE":"20".*"WEBSOCKET_MIGRATION_MODE":"gradual"/)
    assert.ok(!told().includes('hunter2'))
    file.forgetChange()
    await file.write(at(20))
    assert.equal(told(), 'null')
  })

  it('fails as the file does, and remembers nothing of that', async () => {
    const file = new WatchedEnvFile(new EnvFile(join(folder, 'none'), new FakeClock()))
    await assert.rejects(file.write(at(5)), { code: 'env-file-missing' })
    assert.equal(file.change, null)
  })
})
