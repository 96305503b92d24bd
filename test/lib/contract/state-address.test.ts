import assert from 'node:assert/strict'
import { describeStateAddress, parseStateAddress, withoutPassword } from '../../../src/lib/contract/state-address.js'
import { refusalOf } from '../../support/refusal.js'

describe('the address of a shared state', () => {
  it('is taken from a URL as psql takes it', () => {
    assert.deepEqual(parseStateAddress('postgresql://ana:p%40ss@db.example.com:6432/team%20a?sslmode=require'), {
      host: 'db.example.com',
      port: 6432,
      database: 'team a',
      user: 'ana',
      password: 'p@ss',
      sslMode: 'require',
      sslRootCert: null,
      sslCert: null,
      sslKey: null,
    })
    const { host, port, user, password } = parseStateAddress('postgres:///wsctl?host=/var/run/postgresql')
    assert.deepEqual([host, port, user, password], ['/var/run/postgresql', null, null, null])
  })

  it('of another machine is encrypted and checked unless it says otherwise', () => {
    const modeOf = (url: string): string => parseStateAddress(url).sslMode
    assert.equal(modeOf('postgres://db.example.com/wsctl'), 'verify-full')
    assert.equal(modeOf('postgres://db.example.com/wsctl?sslmode=disable'), 'disable')
    for (const host of ['localhost', '127.0.0.1', '[::1]']) assert.equal(modeOf(`postgres://${host}/wsctl`), 'disable')
    assert.equal(modeOf('postgres://localhost.example.com/wsctl'), 'verify-full')
  })

  it('is told without user and password, and the same for the same database', () => {
    const told = (url: string): string => describeStateAddress(parseStateAddress(url))
    assert.equal(
      told('postgres://ana:secret@db.example.com:6432/wsctl?sslmode=require'),
      'postgres://db.example.com:6432/wsctl',
    )
    assert.equal(told('postgres://[::1]/wsctl'), 'postgres://[::1]/wsctl')
    assert.equal(told('postgres:///wsctl?host=/run/pg'), 'postgres:///wsctl?host=/run/pg')
    assert.equal(
      withoutPassword('postgres://ana:secret@db/wsctl?sslmode=disable'),
      'postgres://ana@db/wsctl?sslmode=disable',
    )
  })

  it('is refused with what is wrong with it, and never repeated', async () => {
    for (const [url, message] of [
      ['secret', /no URL of a PostgreSQL database/],
      ['mysql://ana:secret@db/wsctl', /no URL of a PostgreSQL database/],
      ['postgres://ana:secret@db', /names no database/],
      ['postgres:///wsctl?sslmode=disable', /names no host/],
      ['postgres://ana:secret@db/wsctl?sslmode=allow', /its sslmode is allow/],
      ['postgres://ana:secret@db/wsctl?password=secret', /a parameter password, which there is not/],
      ['postgres://ana:%secret@db/wsctl', /a % that is no escape/],
    ] as const) {
      const refusal = await refusalOf(() => parseStateAddress(url))
      assert.equal(refusal.exitCode, 2)
      assert.match(refusal.message, message)
      assert.doesNotMatch(refusal.message + refusal.suggestions.join(), /secret/)
    }
  })
})
