import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readAuthorities } from '../../../src/lib/adapters/authorities.js'
import { WsctlError } from '../../../src/lib/core/error.js'
import { adminApi, certificate, certificatePath, failureOf, json, Scene, withProxies } from './axios-scene.js'

describe('a server that speaks TLS', () => {
  const scene = new Scene()
  afterEach(() => scene.close())

  /** A server with a certificate, which answers 404 to whoever trusts it. */
  function serverWith(name: string) {
    return scene.http((response) => json(response, 404, {}), name)
  }

  it('is trusted when the authority of its certificate is named, and not otherwise', async () => {
    const server = await serverWith('server')
    await failureOf(adminApi(server.url, { authorities: certificate('authority') }).readStatus(), 'not-found')
    const error = await failureOf(adminApi(server.url).readStatus(), 'unreachable')
    assert.match(error.message, /nobody trusted here vouches for the certificate of 127\.0\.0\.1/)
    assert.match(error.suggestions.join('\n'), /--ca-file FILE \(or WSCTL_CA_FILE\)/)
    assert.equal(server.received.length, 1, 'who is not trusted gets no request, and no token')
  })

  it('is trusted with a certificate that it signed itself when that one is named, and not otherwise', async () => {
    const server = await serverWith('self-signed')
    await failureOf(adminApi(server.url, { authorities: certificate('self-signed') }).readStatus(), 'not-found')
    for (const authorities of [undefined, certificate('authority')]) {
      await failureOf(adminApi(server.url, authorities ? { authorities } : {}).readStatus(), 'unreachable')
    }
    assert.equal(server.received.length, 1)
  })

  const flaws = [
    ['expired', /the certificate of 127\.0\.0\.1:\d+ has expired/],
    ['other-name', /was issued for another name/],
  ] as const
  for (const [name, message] of flaws) {
    it(`is not trusted with the certificate ${name}.pem, whoever issued it`, async () => {
      const server = await serverWith(name)
      const api = adminApi(server.url, { authorities: certificate('authority') })
      assert.match((await failureOf(api.readStatus(), 'unreachable')).message, message)
      assert.equal(server.received.length, 0)
    })
  }

  it('is checked by the name in --server', async () => {
    const server = await serverWith('server')
    const authorities = certificate('authority')
    await failureOf(adminApi(`https://localhost:${server.port}`, { authorities }).readStatus(), 'not-found')
    // To the system this address is the machine itself.
    const elsewhere = adminApi(`https://0.0.0.0:${server.port}`, { authorities })
    await withProxies({}, async () => {
      assert.match((await failureOf(elsewhere.readStatus(), 'unreachable')).message, /was issued for another name/)
    })
  })
})

describe('the file of --ca-file', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsctl-authorities-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function complaintAbout(path: string): Promise<string> {
    const error = await readAuthorities(path).then(
      () => assert.fail('a complaint was expected'),
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof WsctlError)
    assert.deepEqual([error.code, error.exitCode], ['usage', 2])
    assert.match(error.suggestions.join('\n'), /PEM.*--ca-file FILE/)
    return error.message
  }

  async function fileWith(text: string): Promise<string> {
    const path = join(folder, 'authorities.pem')
    await writeFile(path, text)
    return path
  }

  it('may hold several certificates, and words between them', async () => {
    const both = `first\n${certificate('authority')}\nsecond\n${certificate('self-signed')}`
    assert.equal((await readAuthorities(await fileWith(both))).match(/BEGIN CERTIFICATE/g)?.length, 2)
  })

  it('is a usage error when it is missing, a folder, a key, no PEM, or damaged', async () => {
    assert.match(await complaintAbout(join(folder, 'none')), /does not exist/)
    assert.match(await complaintAbout(folder), /cannot be read \(EISDIR\)/)
    assert.match(await complaintAbout(certificatePath('server-key')), /holds no certificate in PEM format/)
    assert.match(await complaintAbout(await fileWith('\0\u0001 DER')), /holds no certificate in PEM format/)
    const damaged = certificate('authority').replace(/MII.{20}/, 'MII')
    assert.match(await complaintAbout(await fileWith(certificate('server') + damaged)), /certificate 2 of 2/)
  })
})
