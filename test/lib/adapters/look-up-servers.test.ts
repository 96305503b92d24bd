import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { linesOfServers, serversOfName } from '../../../src/lib/adapters/look-up-servers.js'
import { parseDns, readServers } from '../../../src/lib/cli/fleet.js'
import { refusalOf } from '../../support/refusal.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

describe('servers behind a name', () => {
  const of = (...addresses: readonly string[]) => serversOfName({ name: 'chat', port: 8000 }, async () => addresses)

  it('are one for each address, of both kinds, always in one order', async () => {
    assert.deepEqual(await of('10.0.0.6', 'fd00::1', '10.0.0.5', '10.0.0.6'), [
      'http://10.0.0.5:8000',
      'http://10.0.0.6:8000',
      'http://[fd00::1]:8000',
    ])
  })

  it('are none where there are no addresses, or the name is not known', async () => {
    const none = await refusalOf(() => of())
    assert.match(none.message, /behind the name chat: it has no addresses\. Nothing was sent/)
    const unknown = await refusalOf(() =>
      serversOfName({ name: 'chat', port: 8000 }, () =>
        Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
      ),
    )
    assert.match(unknown.message, /cannot be looked up \(ENOTFOUND\)/)
    assert.equal(unknown.exitCode, 2)
  })

  it('take a name and a port', async () => {
    assert.deepEqual(parseDns('dns:chat.internal:8000'), { name: 'chat.internal', port: 8000 })
    for (const from of ['dns:chat', 'dns:chat:', 'dns:chat:0', 'dns:chat:70000', 'dns::8000']) {
      assert.match((await refusalOf(() => parseDns(from))).message, /names no port/, from)
    }
  })
})

describe('servers in a file', () => {
  const folder = new TemporaryFolder()

  it('are one a line, without comments and blank lines', async () => {
    const path = folder.at('servers.txt')
    await writeFile(path, '# ours\r\n\nhttp://a:8000\n  http://b:8000/#x  # the second\n')
    assert.deepEqual(await linesOfServers(path), ['http://a:8000', 'http://b:8000/#x'])
    await rm(path)
    assert.match((await refusalOf(() => linesOfServers(path))).message, /cannot be read/)
  })
})

describe('servers that are named', () => {
  it('are named once each, however they are written', async () => {
    assert.deepEqual(readServers(['http://a:8000/, http://b:8000', 'http://c'], '--server'), [
      'http://a:8000',
      'http://b:8000',
      'http://c',
    ])
    for (const other of ['http://a:80/', 'http://A', 'http://a//']) {
      const { message } = await refusalOf(() => readServers(['http://a', other], '--server'))
      assert.match(message, /^--server names the server .*(twice|the same)/, other)
    }
  })
})
