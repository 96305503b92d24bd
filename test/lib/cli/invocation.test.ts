import assert from 'node:assert/strict'
import { invocation } from '../../../src/lib/cli/invocation.js'

describe('how wsctl is called', () => {
  it('is by its name where it was found by that', () => {
    assert.equal(invocation('/usr/local/bin/wsctl', '/home/ada', {}), 'wsctl')
  })

  it('is by its path in a clone, as after npm start', () => {
    const clone = '/home/ada/my clone'
    assert.equal(invocation(`${clone}/bin/run.js`, clone, { npm_command: 'start' }), 'bin/run.js')
    assert.equal(invocation(`${clone}/bin/run.js`, `${clone}/docs`, {}), '../bin/run.js')
    assert.equal(invocation(`${clone}/bin/run.js`, '/home/ada', {}), "'my clone/bin/run.js'")
    assert.equal(invocation(`${clone}/bin/run.js`, `${clone}/bin`, {}), 'node run.js')
  })

  it('is by way of npx where that found it', () => {
    const entry = '/home/ada/node_modules/.bin/wsctl'
    assert.equal(invocation(entry, '/home/ada', { npm_command: 'exec' }), 'npx wsctl')
  })
})
