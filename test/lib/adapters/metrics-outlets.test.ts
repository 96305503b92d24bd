import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import axios from 'axios'
import { checkMetricsFile, MetricsFile } from '../../../src/lib/adapters/metrics-file.js'
import { parseListenAddress, serveMetrics } from '../../../src/lib/adapters/metrics-server.js'
import { RunMetrics } from '../../../src/lib/adapters/run-metrics.js'
import { Story } from '../../support/events.js'
import { refusalOf } from '../../support/refusal.js'
import { gradual } from '../../support/rollouts.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

describe('the address at which metrics are served', () => {
  it('is of this machine alone unless another is named', () => {
    assert.deepEqual(parseListenAddress('9464'), { host: '127.0.0.1', port: 9464 })
    assert.deepEqual(parseListenAddress(':9464'), { host: '127.0.0.1', port: 9464 })
    assert.deepEqual(parseListenAddress('0.0.0.0:9464'), { host: '0.0.0.0', port: 9464 })
    assert.deepEqual(parseListenAddress('[::1]:9464'), { host: '::1', port: 9464 })
    assert.deepEqual(parseListenAddress('localhost:0'), { host: 'localhost', port: 0 })
  })

  it('is refused when it is none', async () => {
    for (const text of [
      '',
      'localhost',
      '127.0.0.1:',
      '127.0.0.1:65536',
      '::1:9464',
      '[x]:1',
      'http://a:1',
      '1 2:3',
      '-1',
    ]) {
      const error = await refusalOf(() => parseListenAddress(text))
      assert.equal(error.exitCode, 2)
      assert.match(error.message, /is no address to listen at/)
    }
  })

  it('is refused when it is taken, or of another machine', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const taken = await refusalOf(() => serveMetrics(new RunMetrics(), { host: '127.0.0.1', port }))
    assert.match(taken.message, /is taken: another process listens there/)
    other.close()
    const foreign = await refusalOf(() => serveMetrics(new RunMetrics(), { host: '192.0.2.1', port: 0 }))
    assert.match(foreign.message, /is no address of this machine/)
  })

  it('answers with the newest numbers, and with nothing else', async () => {
    const metrics = new RunMetrics()
    const { url, close } = await serveMetrics(metrics, { host: '127.0.0.1', port: 0 })
    try {
      const { event, state } = new Story(gradual()).last
      metrics.update(event, state)
      const answer = await axios.get<string>(url)
      assert.match(String(answer.headers['content-type']), /^text\/plain; version=0\.0\.4/)
      assert.match(answer.data, /^wsctl_steps 4$/m)
      const any = { validateStatus: () => true }
      assert.equal((await axios.get(url.replace('/metrics', '/'), any)).status, 404)
      assert.equal((await axios.post(url, 'x', any)).status, 405)
    } finally {
      close()
    }
  })
})

describe('the file of metrics', () => {
  const folder = new TemporaryFolder()

  it('is whole at every moment, ends as the newest text, and leaves nothing beside it', async () => {
    const path = folder.at('wsctl.prom')
    let round = 0
    const file = new MetricsFile(path, async () => `${String(round).repeat(10_000)}\n`)
    for (round = 1; round <= 9; round++) {
      file.changed()
      const text = await readFile(path, 'utf8').catch(() => '')
      assert.ok(text === '' || /^(\d)\1{9999}\n$/.test(text), `${text.length} characters`)
    }
    round = 9
    file.changed()
    await file.settled()
    assert.equal(await readFile(path, 'utf8'), `${'9'.repeat(10_000)}\n`)
    assert.deepEqual(await readdir(folder.at()), ['wsctl.prom'])
    assert.equal((await stat(path)).mode & 0o777, 0o644, 'the collector runs under another account')
  })

  it('that cannot be written is tried again with the next change, and nothing is thrown', async () => {
    const path = folder.at('late', 'wsctl.prom')
    const file = new MetricsFile(path, async () => 'text\n')
    file.changed()
    await file.settled()
    await mkdir(folder.at('late'))
    file.changed()
    await file.settled()
    assert.equal(await readFile(path, 'utf8'), 'text\n')
  })

  it('is refused where no collector would find it', async () => {
    await mkdir(folder.at('folder.prom'))
    await writeFile(folder.at('wsctl.prom'), '')
    checkMetricsFile(folder.at('wsctl.prom'))
    checkMetricsFile(folder.at('new.prom'))
    assert.match((await refusalOf(() => checkMetricsFile(folder.at('wsctl.txt')))).message, /has to end in \.prom/)
    assert.match((await refusalOf(() => checkMetricsFile(folder.at('folder.prom')))).message, /it is a folder/)
    assert.match((await refusalOf(() => checkMetricsFile(folder.at('none', 'a.prom')))).message, /ENOENT/)
  })
})
