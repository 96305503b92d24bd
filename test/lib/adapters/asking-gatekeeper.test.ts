import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AskingGatekeeper } from '../../../src/lib/adapters/asking-gatekeeper.js'
import type { Arrival } from '../../../src/lib/core/event.js'
import type { AskedGate } from '../../../src/lib/core/gate.js'

const PACE = { everyMs: 1000, timeoutMs: 400, limitMs: null, onLimit: 'hold' } as const

function ask(gate: AskedGate): Promise<Extract<Arrival, { kind: 'gate-answered' }>> {
  return new Promise((resolve, reject) => {
    const keeper = new AskingGatekeeper((arrival) =>
      arrival.kind === 'gate-answered' ? resolve(arrival) : reject(new Error(arrival.kind)),
    )
    keeper.ask(gate, { step: 1, attempt: 3 })
  })
}

function command(text: string, timeoutMs = 5000): AskedGate {
  return { kind: 'command', command: text, ...PACE, timeoutMs }
}

describe('a gate that is asked', () => {
  describe('by a command', () => {
    it('opens when it exits 0, and says what it printed last', async () => {
      const { open, message, step, attempt } = await ask(command('echo first; echo all calm'))
      assert.deepEqual([open, step, attempt], [true, 1, 3])
      assert.equal(message, 'echo first; echo all calm exited with 0: all calm')
    })

    it('stays shut when it exits with anything else', async () => {
      const { open, message } = await ask(command('echo too loud >&2; exit 3'))
      assert.equal(open, false)
      assert.match(message, /exited with 3: too loud$/)
    })

    it('stays shut when it hangs, with all that it started, deaf to polite signals', async () => {
      const { open, message } = await ask(command("trap '' TERM; sleep 600 & wait", 300))
      assert.equal(open, false)
      assert.match(message, /did not end within 300ms/)
    })

    it('does not wait for what it left running', async () => {
      const { open } = await ask(command('sleep 600 & exit 0'))
      assert.equal(open, true)
    })

    it('does not see the admin token', async () => {
      process.env['WSCTL_TOKEN'] = 'secret-token'
      try {
        const { message } = await ask(command('echo "<$WSCTL_TOKEN$ADMIN_TOKEN>"'))
        assert.match(message, /: <>$/)
      } finally {
        delete process.env['WSCTL_TOKEN']
      }
    })

    it('passes nothing on that moves a cursor', async () => {
      const { message } = await ask(command("printf 'a\\033[2Jb\\n'"))
      assert.equal(message.includes('\u001B'), false)
    })
  })

  describe('by an address', () => {
    let server: Server
    let answer: RequestListener

    beforeEach(async () => {
      server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1')
      await once(server, 'listening')
    })

    afterEach(() => {
      server.closeAllConnections()
      server.close()
    })

    function url(): AskedGate {
      return { kind: 'url', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ok`, ...PACE }
    }

    for (const [status, open] of [
      [200, true],
      [204, true],
      [302, false],
      [404, false],
      [503, false],
    ] as const) {
      it(`${open ? 'opens' : 'stays shut'} at an answer of ${status}`, async () => {
        answer = (_, response) => response.writeHead(status, { location: '/elsewhere' }).end()
        const answered = await ask(url())
        assert.equal(answered.open, open)
        assert.match(answered.message, new RegExp(`answered ${status}$`))
      })
    }

    it('stays shut when it does not answer in time, or only begins to', async () => {
      answer = (_, response) => void response.writeHead(200).write('…')
      const answered = await ask(url())
      assert.equal(answered.open, false)
      assert.match(answered.message, /did not answer within 400ms$/)
    })

    it('stays shut when nobody is there', async () => {
      const gate = url()
      server.close()
      const answered = await ask(gate)
      assert.equal(answered.open, false)
      assert.match(answered.message, /ECONNREFUSED/)
    })
  })
})
