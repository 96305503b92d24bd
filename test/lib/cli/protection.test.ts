import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import type { NamedContext } from '../../../src/lib/cli/environment.js'
import { confirmChange, type Changed } from '../../../src/lib/cli/protection.js'
import { surroundings } from '../../support/environment.js'
import { refusalOf } from '../../support/refusal.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

const SERVER = 'https://chat.example.com'
const CHANGE: Changed = { server: SERVER, environmentFile: null, sentence: `deploy full is about to change ${SERVER}` }

function inContext(isProtected: boolean, server = SERVER) {
  const settings = { server, protected: isProtected }
  const context: NamedContext = { name: 'production', settings, chosenBy: null, placeOf: () => 'contexts.yaml:2:3' }
  return { argv: ['--duration', '2h'], typed: 'deploy full', environment: surroundings({}, context) }
}

/** A terminal at which this is typed; null: the line is ended without anything, as by Ctrl-D. */
function terminal(typed: string | null, { isTTY = true } = {}) {
  const stdin = Object.assign(new PassThrough(), { isTTY })
  const stderr = Object.assign(new PassThrough(), { isTTY })
  if (typed === null) stdin.end()
  else stdin.write(`${typed}\n`)
  return { stdin, stderr, shown: () => [...chunksOf(stderr)].join('') }
}

/** What was written to it so far: newer releases of Node hand it out piece by piece. */
function* chunksOf(stream: PassThrough): Generator<string> {
  stream.setEncoding('utf8')
  for (let chunk = read(stream); chunk !== null; chunk = read(stream)) yield chunk
}

function read(stream: PassThrough): string | null {
  return stream.read() as string | null
}

describe('a change to what a context protects', () => {
  const folder = new TemporaryFolder()
  const path = (): string => folder.at('contexts.yaml')

  function change(
    typed: string | null,
    { isTTY = true, isProtected = true, server = SERVER, yes = false, changed = CHANGE } = {},
  ) {
    const at = terminal(typed, { isTTY })
    const done = confirmChange(inContext(isProtected, server), changed, yes, { terminal: at, path: path() })
    return { done, shown: at.shown }
  }

  it('asks for the name of the context, and goes on when it is typed', async () => {
    const { done, shown } = change('production')
    await done
    assert.match(shown(), /deploy full is about to change https:\/\/chat\.example\.com, which the context production/)
  })

  it('is refused (exit 13) when anything else is typed, or nothing', async () => {
    for (const typed of ['yes', 'y', 'Production', 'prod', '', null]) {
      const error = await refusalOf(() => change(typed).done)
      assert.deepEqual([error.code, error.exitCode], ['not-confirmed', 13], String(typed))
      assert.match(error.message, /Nothing was changed/)
    }
  })

  it('is refused (exit 2) where nobody can be asked, with the line to type', async () => {
    const error = await refusalOf(() => change('production', { isTTY: false }).done)
    assert.equal(error.exitCode, 2)
    assert.deepEqual(error.suggestions, ['if it is meant: wsctl deploy full --duration 2h --yes'])
  })

  it('asks nobody with --yes', async () => {
    await change(null, { yes: true }).done
  })

  it('asks nobody when the context protects nothing, or is for another server', async () => {
    await change(null, { isProtected: false }).done
    await change(null, { server: 'https://other.example.com' }).done
  })

  it('asks about an environment file too', async () => {
    const changed = { server: null, environmentFile: '/srv/chat/.env', sentence: 'env set is about to change it' }
    await refusalOf(() => change('no', { changed }).done)
  })

  describe('that is not in use, but for the same server or file,', () => {
    const OTHER = { server: 'https://other.example.com', isProtected: false }

    beforeEach(async () => {
      const live = `live: {server: ${SERVER}, env-file: /srv/chat/.env, protected: true}`
      await writeFile(path(), `schema: wsctl/contexts@1\ncontexts:\n  ${live}\n`, { mode: 0o600 })
    })

    it('asks for its name', async () => {
      await change('live', OTHER).done
      await refusalOf(() => change('production', OTHER).done)
    })

    it('asks for its name however the server is written', async () => {
      const changed = { ...CHANGE, server: 'https://CHAT.example.com:443/' }
      await refusalOf(() => change('production', { ...OTHER, changed }).done)
    })

    it('asks for its name before the environment file is changed', async () => {
      const changed = {
        server: null,
        environmentFile: '/srv/chat/../chat/.env',
        sentence: 'env set is about to change it',
      }
      await refusalOf(() => change('production', { isProtected: false, changed }).done)
    })

    it('is refused when what is protected cannot be read', async () => {
      await writeFile(path(), 'contexts: [')
      assert.equal((await refusalOf(() => change('live', OTHER).done)).exitCode, 2)
    })
  })
})
