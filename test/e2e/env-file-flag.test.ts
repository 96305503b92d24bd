import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startSandbox, type Sandbox } from '../../src/lib/sandbox/sandbox.js'
import { Shell } from '../support/wsctl.js'

const TOKEN = 'test-token'

/** Node has a flag of the same name, and looks for it among the arguments of scripts too. */
describe('--env-file', () => {
  let shell: Shell
  let sandbox: Sandbox

  beforeEach(async () => {
    shell = await Shell.open()
    sandbox = await startSandbox({ adminToken: TOKEN })
  })

  afterEach(async () => {
    await sandbox.close()
    await shell.close()
  })

  it('that names no file does not keep an emergency rollback from being done', async () => {
    const { code, stdout } = await shell.run(['rollback', 'emergency', '--env-file', 'missing.env'], {
      WSCTL_SERVER: sandbox.url,
      WSCTL_TOKEN: TOKEN,
    })
    assert.equal(code, 0)
    assert.match(stdout, /Warnings[^]*missing\.env/)
  })

  it('never makes the variables of the server those of wsctl', async () => {
    const file = join(shell.folder, 'server.env')
    await writeFile(file, 'NODE_OPTIONS=--require=./missing.cjs\nWEBSOCKET_MIGRATION_MODE=full\n')
    const { code, stdout } = await shell.run(['env', 'show', '--env-file', file])
    assert.equal(code, 0)
    assert.match(stdout, /WEBSOCKET_MIGRATION_MODE\s+full/)
  })
})
