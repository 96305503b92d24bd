import assert from 'node:assert/strict'
import { connect } from '../../../src/lib/cli/connect.js'
import { resolveSettings } from '../../../src/lib/cli/settings.js'
import { certificatePath, json, Scene } from '../adapters/axios-scene.js'
import { surroundings } from '../../support/environment.js'

describe('a server whose authority the machine does not know', () => {
  const scene = new Scene()
  afterEach(() => scene.close())

  const ways = [
    ['--ca-file', { 'ca-file': certificatePath('authority') }, {}],
    ['WSCTL_CA_FILE', {}, { WSCTL_CA_FILE: certificatePath('authority') }],
  ] as const
  for (const [way, flags, environment] of ways) {
    it(`is reached with ${way}`, async () => {
      const server = await scene.http((response) => json(response, 404, {}), 'server')
      const settings = resolveSettings(
        { server: server.url, ...flags },
        surroundings({ WSCTL_TOKEN: 'a-token', ...environment }),
      )
      await assert.rejects((await connect(settings)).readStatus(), { code: 'not-found' })
    })
  }

  it('is a usage error before anything is sent when the file holds no certificate', async () => {
    const settings = resolveSettings({ 'ca-file': certificatePath('server-key') }, surroundings())
    await assert.rejects(connect(settings), { code: 'usage', message: /holds no certificate/ })
  })
})
