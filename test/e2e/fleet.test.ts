import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LiveFleet } from '../support/live-fleet.js'
import { gradual, until } from '../support/live-server.js'
import { startRoundRobin } from '../support/round-robin.js'

describe('several servers as one', function () {
  this.timeout(120_000)
  let fleet: LiveFleet
  afterEach(async () => {
    await fleet.close()
  })

  it('are moved together, and each of them shows the step', async () => {
    fleet = await LiveFleet.open({}, {}, {})
    const result = await fleet.result(...gradual(), ...fleet.named)
    assert.equal(result.outcome, 'completed', result.reason)
    for (const url of fleet.urls) assert.equal(await fleet.settings(url), 'gradual 20')
  })

  it('go back because of one that fails from 20 % on, and the message names it', async () => {
    fleet = await LiveFleet.open(
      {},
      { faults: { fail: { probability: 1, fromPercentage: 20, withFallback: false } } },
      {},
    )
    const [, failing = ''] = fleet.urls
    const { code, stdout } = await fleet.wsctl(...gradual({ duration: '4s' }), ...fleet.named, '--min-attempts', '20')
    assert.equal(code, 10, stdout)
    assert.ok(stdout.includes(`${failing}: `), stdout)
    for (const url of fleet.urls) assert.equal(await fleet.settings(url), 'disabled 0')
  })

  it('are put back when one freezes while a step is written', async () => {
    fleet = await LiveFleet.open({}, {})
    const others = fleet.urls
    const frozen = await fleet.spawn()
    const events = join(fleet.shell.folder, 'events.jsonl')
    const run = fleet.start(
      ...[...gradual({ duration: '2s' }), ...fleet.named],
      ...['--timeout', '1s', '--consecutive-failures', '2', '--events', events],
    )
    const happened = async (type: string): Promise<boolean> =>
      (await readFile(events, 'utf8').catch(() => '')).includes(`"type":"${type}","step":1`)
    await until(() => happened('step-started'))
    frozen.freeze()
    const { code, stdout } = await run.ended
    assert.equal(code, 12, stdout)
    assert.ok(stdout.includes(`20 % could not be set on ${frozen.url}`), stdout)
    for (const url of others) assert.equal(await fleet.settings(url), 'gradual 5')
  })
})

describe('two servers behind one address', function () {
  this.timeout(120_000)
  it('are refused with the advice to name both, which works', async () => {
    const fleet = await LiveFleet.open({}, {})
    const proxy = await startRoundRobin(fleet.urls)
    try {
      const refused = await fleet.wsctl(...gradual(), '--server', proxy.url)
      assert.equal(refused.code, 13)
      const told = refused.stdout + refused.stderr
      assert.match(told, /several server processes/)
      assert.match(told, /--server http:\/\/HOST:PORT --server http:\/\/HOST:PORT/)
      // Where it took the run itself to find out, one of them has been set already.
      const result = await fleet.result(...gradual({ max: '5', duration: '1s' }), ...fleet.named, '--converge')
      assert.equal(result.outcome, 'completed', result.reason)
    } finally {
      await proxy.close()
      await fleet.close()
    }
  })
})

describe('a fleet that cannot be', function () {
  this.timeout(120_000)
  let fleet: LiveFleet
  before(async () => {
    fleet = await LiveFleet.open({}, {})
  })
  after(async () => {
    await fleet.close()
  })

  const refuses = async (argv: readonly string[], code: number, message: RegExp): Promise<void> => {
    const ending = await fleet.wsctl(...argv)
    assert.equal(ending.code, code, ending.stderr)
    assert.match(ending.stderr, message)
    for (const url of fleet.urls) assert.match(await fleet.settings(url), /^(?:disabled 0|gradual 7)$/)
  }

  it('names a server twice, by whatever spelling', async () => {
    const [a = ''] = fleet.urls
    await refuses(['status', '--server', a, '--server', a], 2, /--server names the server http:\S+ twice/)
    await refuses(['status', '--server', a, '--server', `${a}/`], 2, /twice/)
    await refuses(
      ['status', '--server', 'http://x', '--server', 'http://x:80/'],
      2,
      /as http:\/\/x and as http:\/\/x:80, which are the same/,
    )
  })

  it('is in a file that is empty, or not there', async () => {
    const file = join(fleet.shell.folder, 'servers.txt')
    await writeFile(file, '# none yet\n\n')
    await refuses(['deploy', 'gradual', '--servers-from', file], 2, /names none/)
    await refuses(['deploy', 'gradual', '--servers-from', `${file}.gone`], 2, /cannot be read/)
    await writeFile(file, `# ours\n${fleet.urls.join('  # one\n')}\n`)
    assert.equal((await fleet.wsctl('status', '--servers-from', file)).code, 0)
  })

  it('is behind a name without addresses', async () => {
    await refuses(['status', '--servers-from', 'dns:nothing.invalid:8000'], 2, /no server was found behind the name/)
    await refuses(['status', '--servers-from', 'dns:nothing'], 2, /names no port/)
  })

  it('does not agree where it stands, unless it is made to', async () => {
    const [a = '', b = ''] = fleet.urls
    assert.equal((await fleet.wsctl('configure', '--mode', 'gradual', '--percentage', '7', '--server', a)).code, 0)
    await refuses(
      [...gradual(), ...fleet.named],
      13,
      new RegExp(`do not say the same[^]*gradual 7 %.*${a}[^]*--converge`),
    )
    assert.equal(await fleet.settings(b), 'disabled 0')
    const result = await fleet.result(...gradual({ max: '5', duration: '1s' }), ...fleet.named, '--converge')
    assert.equal(result.outcome, 'completed', result.reason)
    for (const url of fleet.urls) assert.equal(await fleet.settings(url), 'gradual 5')
  })
})
