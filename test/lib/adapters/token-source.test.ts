import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import {
  commandToken,
  environmentToken,
  expiryOf,
  fileToken,
  noToken,
  type TokenSource,
} from '../../../src/lib/adapters/token-source.js'
import { WsctlError } from '../../../src/lib/core/error.js'
import { FakeClock } from '../../support/fakes.js'

const SECRET = 'secret-token-that-must-not-show'

/** An unsigned JWT; `nr` makes it differ from others. */
function jwt(expiry: Date | null, nr = 0): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${encode({ alg: 'none' })}.${encode({ nr, ...(expiry && { exp: expiry.getTime() / 1000 }) })}.x`
}

function inSeconds(clock: FakeClock, seconds: number): Date {
  return new Date(clock.wallTime().getTime() + seconds * 1000)
}

/** The usage error of a source, which must not hold the secret. */
async function complaintOf(work: () => unknown): Promise<WsctlError> {
  try {
    await work()
  } catch (error) {
    assert.ok(!inspect(error, { depth: 20, showHidden: true }).includes(SECRET))
    assert.ok(error instanceof WsctlError)
    assert.equal(error.code, 'usage')
    return error
  }
  assert.fail('a complaint was expected')
}

describe('the expiry of a token', () => {
  it('is read from a JWT and unknown for everything else', () => {
    const expiry = new Date('2026-11-24T10:00:00Z')
    assert.deepEqual(expiryOf(jwt(expiry)), expiry)
    const payloads = ['null', '{"exp":"soon"}', '{"exp":1e30}', '7', '{'].map((text) => {
      return `e30.${Buffer.from(text).toString('base64url')}.x`
    })
    for (const token of [jwt(null), 'opaque', 'a.b.c', '', '..', ...payloads]) {
      assert.equal(expiryOf(token), null, token)
    }
  })
})

describe('a token from the environment', () => {
  it('is given without its outer white space, and cannot be renewed', async () => {
    const source = environmentToken(` ${SECRET}\n`, 'WSCTL_TOKEN')
    assert.deepEqual([await source.token(), await source.renew(), source.renewable], [SECRET, SECRET, false])
    assert.equal(source.describe(), 'WSCTL_TOKEN')
  })

  for (const value of ['', '  ', `Bearer ${SECRET}`, `${SECRET}\n${SECRET}`, `${SECRET}\u0007x`, `${SECRET}é`]) {
    it(`is refused when it is ${JSON.stringify(value.replaceAll(SECRET, 'T'))}, without showing it`, async () => {
      const error = await complaintOf(() => environmentToken(value, 'WSCTL_TOKEN'))
      assert.match(error.message, /^WSCTL_TOKEN /)
    })
  }

  it('may be none', async () => {
    const source = noToken()
    assert.deepEqual([await source.token(), await source.renew(), source.renewable], [null, null, false])
  })
})

describe('a token from a file or a command', () => {
  let folder: string
  let file: string
  const clock = new FakeClock()
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsctl-token-'))
    file = join(folder, 'token')
  })
  afterEach(() => rm(folder, { recursive: true }))

  /** A command that prints the file and leaves a mark for each time it ran. */
  const counting = (): string => `cat '${file}' && echo ran >> '${folder}/runs'`
  const runs = async (): Promise<number> => (await readFile(join(folder, 'runs'), 'utf8')).split('\n').length - 1

  it('is read from the file again as soon as the file changes', async () => {
    const source = fileToken(file, clock)
    await writeFile(file, 'first\n')
    assert.equal(await source.token(), 'first')
    await writeFile(file, 'other')
    assert.equal(await source.token(), 'other')
    await writeFile(file, 'third')
    assert.equal(await source.renew(), 'third')
    assert.equal(source.renewable, true)
  })

  it('is kept while the file is away, for the server to judge once it has expired', async () => {
    const own = new FakeClock()
    const source = fileToken(file, own)
    const token = jwt(inSeconds(own, 600))
    await writeFile(file, token)
    assert.equal(await source.token(), token)
    await rm(file)
    assert.equal(await source.token(), token)
    own.pass(600_000)
    assert.equal(await source.token(), token)
    await complaintOf(() => source.renew())
  })

  it('is a clear complaint when the file is missing, a folder, empty or has several lines', async () => {
    assert.match((await complaintOf(() => fileToken(file, clock).token())).message, /does not exist/)
    assert.match((await complaintOf(() => fileToken(folder, clock).token())).message, /cannot be read \(EISDIR\)/)
    await writeFile(file, '\n')
    assert.match((await complaintOf(() => fileToken(file, clock).token())).message, /is empty/)
    await writeFile(file, `${SECRET}\n${SECRET}\n`)
    assert.match((await complaintOf(() => fileToken(file, clock).token())).message, /more than one line/)
  })

  it('is what the command prints, which runs once for as long as its token lives', async () => {
    await writeFile(file, 'opaque\n')
    const source = commandToken(counting(), clock)
    assert.equal(await source.token(), 'opaque')
    assert.equal(await source.token(), 'opaque')
    assert.equal(await runs(), 1)
    await source.renew()
    assert.equal(await runs(), 2)
  })

  it('is renewed by the command within a minute before it expires', async () => {
    const own = new FakeClock()
    const source = commandToken(counting(), own)
    const [old, fresh] = [jwt(inSeconds(own, 1800), 1), jwt(inSeconds(own, 3600), 2)]
    await writeFile(file, old)
    assert.equal(await source.token(), old)
    await writeFile(file, fresh)
    own.pass(1_739_000)
    assert.equal(await source.token(), old)
    own.pass(1000)
    assert.equal(await source.token(), fresh)
  })

  it('is used on when the command cannot renew it, for the server to judge once it has expired', async () => {
    const own = new FakeClock()
    const source = commandToken(`cat '${file}'`, own)
    const token = jwt(inSeconds(own, 30))
    await writeFile(file, token)
    assert.equal(await source.token(), token)
    await rm(file)
    assert.equal(await source.token(), token)
    own.pass(30_000)
    assert.equal(await source.token(), token)
    await complaintOf(() => source.renew())
  })

  describe('whose renewal hangs', () => {
    const own = new FakeClock()
    const [old, fresh] = [jwt(inSeconds(own, 40), 1), jwt(inSeconds(own, 3600), 2)]

    /** Has given the old token; from then on its command waits until `release`. */
    async function hanging(timeoutMs: number): Promise<TokenSource> {
      const wait = `until [ -e '${folder}/go' ]; do sleep 0.01; done`
      const source = commandToken(`echo ran >> '${folder}/runs'; ${wait}; cat '${file}'`, own, timeoutMs, 20)
      await writeFile(file, old)
      await release()
      assert.equal(await source.token(), old)
      await rm(join(folder, 'go'))
      await writeFile(file, fresh)
      return source
    }
    const release = (): Promise<void> => writeFile(join(folder, 'go'), '')

    /** Asks on until the old token is given no more. */
    async function replaced(source: TokenSource): Promise<void> {
      while ((await source.token()) === old) await new Promise(setImmediate)
      assert.equal(await source.token(), fresh)
    }

    it('is used on meanwhile, and replaced once the one renewal has come to its end', async () => {
      const source = await hanging(30_000)
      for (let request = 0; request < 3; request++) assert.equal(await source.token(), old)
      await release()
      await replaced(source)
      assert.equal(await runs(), 2)
    })

    it('is used on when the renewal fails behind the requests, and renewed by a later one', async () => {
      const source = await hanging(500)
      assert.equal(await source.token(), old)
      await complaintOf(() => source.renew())
      await release()
      await replaced(source)
      assert.equal(await runs(), 3)
    })

    it('is waited for by a request whose token was refused', async () => {
      const source = await hanging(30_000)
      assert.equal(await source.token(), old)
      const renewed = source.renew()
      const next = source.token()
      await release()
      assert.deepEqual([await renewed, await next], [fresh, fresh])
      assert.equal(await runs(), 2)
    })

    it('is waited for by a request whose token has expired', async () => {
      const source = await hanging(30_000)
      assert.equal(await source.token(), old)
      own.pass(40_000)
      const next = source.token()
      await release()
      assert.equal(await next, fresh)
    })
  })

  it('is renewed at once when the wall clock jumps ahead, and still used when that fails', async () => {
    const own = new FakeClock()
    const source = commandToken(counting(), own)
    const [old, fresh] = [jwt(inSeconds(own, 1800), 1), jwt(inSeconds(own, 3600), 2)]
    await writeFile(file, old)
    assert.equal(await source.token(), old)
    own.jumpWall(24 * 3_600_000)
    await writeFile(file, fresh)
    assert.equal(await source.token(), fresh)
    await rm(file)
    assert.equal(await source.token(), fresh)
  })

  it('is used while the wall clock, set back, says that it lives', async () => {
    const own = new FakeClock()
    const source = commandToken(counting(), own)
    const old = jwt(inSeconds(own, 1800), 1)
    await writeFile(file, old)
    assert.equal(await source.token(), old)
    own.jumpWall(-24 * 3_600_000)
    own.pass(1_800_000)
    assert.equal(await source.token(), old)
    assert.equal(await runs(), 1)
  })

  it('is asked of the command once by calls that come together', async () => {
    await writeFile(file, 'opaque')
    const source = commandToken(counting(), clock)
    await Promise.all([source.token(), source.token(), source.renew()])
    assert.equal(await runs(), 1)
  })

  it('is a complaint with the last line of the error output, never the output, when the command fails', async () => {
    const command = `echo ${SECRET}; echo first >&2; echo 'login of ${SECRET} failed' >&2; exit 3`
    const error = await complaintOf(() => commandToken(command, clock).token())
    assert.equal(error.message, 'the command of --token-command exited with 3: login of [token] failed')
  })

  it('is a complaint when the command takes too long', async () => {
    const error = await complaintOf(() => commandToken(`echo ${SECRET}; exec sleep 30`, clock, 100).token())
    assert.match(error.message, /did not end within 0\.1 s/)
  })

  it('is a complaint when the command prints nothing, several lines or far too much', async () => {
    for (const command of ['true', `echo ${SECRET}; echo ${SECRET}`, 'yes | head -c 1000000']) {
      await complaintOf(() => commandToken(command, clock).token())
    }
  })

  it('never shows in the name of its source, nor in its innards', async () => {
    await writeFile(file, SECRET)
    const sources: TokenSource[] = [
      fileToken(file, clock),
      commandToken(`echo ${SECRET}`, clock),
      environmentToken(SECRET, 'WSCTL_TOKEN'),
    ]
    for (const source of sources) {
      await source.token()
      assert.ok(!`${source.describe()} ${inspect(source, { depth: 20, showHidden: true })}`.includes(SECRET))
    }
  })
})
