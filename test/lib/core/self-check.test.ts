import assert from 'node:assert/strict'
import { usageError } from '../../../src/lib/core/error.js'
import {
  examineSelf,
  type Greeting,
  type RecordsFacts,
  type SelfCheck,
  type SelfFacts,
} from '../../../src/lib/core/self-check.js'
import { callError } from '../../support/fakes.js'

const GIGABYTE = 1024 ** 3
const RECORDS: RecordsFacts = { folder: '/state/runs', problem: null, freeBytes: 5 * GIGABYTE, runs: 3, left: [] }
const GREETING: Greeting = { status: 200, tookMs: 12.4, aheadMs: 300 }
const NOW_MS = Date.parse('2026-11-24T09:00:00Z')

function facts(change: Partial<SelfFacts> = {}): SelfFacts {
  return {
    node: { version: '20.20.2', required: '20.19' },
    contexts: { path: '/config/contexts.yaml', exists: true, mode: '0600', used: 'staging', warning: null },
    settingsProblems: [],
    records: RECORDS,
    environmentFile: { path: '/srv/.env', problem: null },
    proxy: { host: null, variables: [] },
    greeting: GREETING,
    token: { origin: 'WSCTL_TOKEN', expiresMs: NOW_MS + 25 * 60_000, renewable: false },
    signIn: null,
    nowMs: NOW_MS,
    ...change,
  }
}

function judge(check: SelfCheck, change: Partial<SelfFacts>): string {
  const found = examineSelf(facts(change)).find((finding) => finding.check === check)
  return found ? `${found.verdict}: ${found.reason}` : 'not told'
}

describe('doctor', () => {
  it('passes all that is as it should be', () => {
    assert.deepEqual(
      examineSelf(facts()).filter(({ verdict }) => verdict !== 'pass'),
      [],
    )
  })

  it('tells the token by its source and how long it lives, and fails an expired or missing one', () => {
    assert.match(judge('token', {}), /^pass: set, from WSCTL_TOKEN, expires in 25m;/)
    const token = { origin: 'ADMIN_TOKEN', expiresMs: NOW_MS - 1, renewable: false }
    assert.match(judge('token', { token }), /^fail: set, from ADMIN_TOKEN, and expired/)
    assert.match(judge('token', { token: null }), /^fail: there is no token/)
    assert.match(judge('token', { token: usageError('the token file /t does not exist') }), /^fail: the token file/)
  })

  it('tells of a token whether it is renewed, and when its end is not known', () => {
    const token = { origin: '--token-file', expiresMs: NOW_MS + 60_000, renewable: true }
    assert.match(judge('token', { token }), /^pass: set, from --token-file, expires in 60s, and is renewed before$/)
    assert.match(judge('token', { token: { ...token, expiresMs: null } }), /^pass: .* without a date of expiry$/)
  })

  it('tells which context is in use, and whether there are any', () => {
    const contexts = { path: '/c.yaml', exists: true, mode: null, used: null, warning: null }
    assert.equal(judge('contexts', { contexts }), 'pass: /c.yaml (rights not known); none is in use')
    assert.equal(
      judge('contexts', { contexts: { ...contexts, exists: false } }),
      'pass: there are none: /c.yaml does not exist',
    )
  })

  it('tells the way to the server by its proxy, also where one is set and not used', () => {
    assert.equal(
      judge('proxy', { proxy: { host: 'proxy:3128', variables: ['HTTPS_PROXY'] } }),
      'pass: the server is reached through proxy:3128',
    )
    assert.equal(
      judge('proxy', { proxy: { host: null, variables: ['NO_PROXY'] } }),
      'pass: the server is reached directly; set: NO_PROXY',
    )
    assert.equal(judge('proxy', {}), 'pass: none')
  })

  it('counts the runs that are recorded', () => {
    assert.match(judge('left-runs', { records: { ...RECORDS, runs: 1 } }), /^pass: 1 run is recorded/)
    assert.match(judge('left-runs', {}), /^pass: 3 runs are recorded/)
  })

  it('warns of a disk that is nearly full, and fails one that would hold a run on the way', () => {
    const disk = (freeBytes: number | null): string => judge('disk', { records: { ...RECORDS, freeBytes } })
    assert.match(disk(50 * 1024 ** 2), /^warn: 50 MB are free/)
    assert.match(disk(1024 ** 2), /^fail: 1 MB are free/)
    assert.equal(disk(null), 'not told')
  })

  it('warns of runs that were left, with the command that takes each up', () => {
    const records = { ...RECORDS, left: ['20261124-090000-111aa'] }
    const found = examineSelf(facts({ records })).find(({ check }) => check === 'left-runs')
    assert.equal(found?.verdict, 'warn')
    assert.deepEqual(found.suggestions, ['to take it up again: wsctl rollout resume 20261124-090000-111aa'])
  })

  it('warns of clocks that are so far apart that tokens are judged wrongly', () => {
    const clock = (aheadMs: number | null): string => judge('clock', { greeting: { ...GREETING, aheadMs } })
    assert.match(clock(400), /^pass: .* agree/)
    assert.match(clock(-4000), /^pass: .* 4s behind/)
    assert.match(clock(180_000), /^warn: .* 3m ahead/)
    assert.equal(clock(null), 'not told')
  })

  it('fails a server that does not answer, one that refuses the token, and records that cannot be written', () => {
    assert.match(judge('server', { greeting: callError('unreachable') }), /^fail/)
    assert.match(judge('sign-in', { signIn: callError('unauthorized') }), /^fail/)
    assert.match(judge('records', { records: { ...RECORDS, problem: usageError('full') } }), /^fail: full/)
    assert.match(
      judge('environment-file', { environmentFile: { path: '/x', problem: usageError('gone') } }),
      /^fail: gone/,
    )
  })

  it('says of a server that answers with an error that it answers', () => {
    assert.match(judge('server', { greeting: { ...GREETING, status: 404 } }), /^warn: .* 12 ms, with 404/)
  })

  it('fails a Node that is too old, by numbers and not by letters', () => {
    const node = (version: string): string => judge('node', { node: { version, required: '20.19' } })
    assert.match(node('20.9.0'), /^fail/)
    assert.match(node('18.20.0'), /^fail/)
    assert.match(node('22.1.0'), /^pass/)
    assert.match(node('100.0.0'), /^pass/)
  })

  it('names what is wrong with the settings, and leaves out what could not be looked into without them', () => {
    const change = {
      settingsProblems: [usageError('.env cannot be read'), usageError('--timeout x: expected a duration')],
      ...{ records: null, environmentFile: null, proxy: null, greeting: null, token: undefined, signIn: undefined },
    }
    assert.match(judge('settings', change), /^fail: \.env cannot be read\n--timeout x/)
    const checks = examineSelf(facts(change)).map(({ check }) => check)
    assert.deepEqual(checks, ['node', 'contexts', 'settings'])
  })

  it('warns of a file of contexts that others can read', () => {
    const contexts = { ...facts().contexts, warning: 'it can be read by other accounts (0644)' }
    assert.match(judge('contexts', { contexts }), /^warn: .*0644/)
  })
})
