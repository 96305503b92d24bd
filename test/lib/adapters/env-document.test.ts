import assert from 'node:assert/strict'
import { parse } from 'dotenv'
import fc from 'fast-check'
import {
  changeVariables,
  lineOf,
  readVariables,
  toVariables,
  VARIABLES,
  type VariableValues,
} from '../../../src/lib/adapters/env-document.js'
import { WsctlError } from '../../../src/lib/core/error.js'

const MODE = 'WEBSOCKET_MIGRATION_MODE'
const USERS = 'WEBSOCKET_ROLLOUT_USER_LIST'

const FILE = `# The chat server. Ask ops before changing anything here.
DATABASE_URL="postgres://chat:p#ss@db/chat"
export WEBSOCKET_MIGRATION_MODE = disabled   # the phase
WEBSOCKET_ROLLOUT_USER_LIST='ann,ben'

  WEBSOCKET_ROLLOUT_PERCENTAGE: 0
MOTD="two
WEBSOCKET_UNIFIED_ENABLED=maybe
lines"
`

describe('editing the text of an environment file', () => {
  it('changes the named values and not a character else', () => {
    assert.equal(
      changeVariables(FILE, { [MODE]: 'gradual', [USERS]: 'ann', WEBSOCKET_ROLLOUT_PERCENTAGE: '25' }),
      FILE.replace('disabled ', 'gradual ').replace("'ann,ben'", "'ann'").replace('PERCENTAGE: 0', 'PERCENTAGE: 25'),
    )
  })

  it('leaves a text that says so already as it is', () => {
    assert.equal(changeVariables(FILE, { [MODE]: 'disabled', [USERS]: 'ann,ben' }), FILE)
  })

  it('takes an assignment inside the quotes of another value for no assignment', () => {
    assert.equal(lineOf(FILE, 'WEBSOCKET_UNIFIED_ENABLED'), null)
    const changed = changeVariables(FILE, { WEBSOCKET_UNIFIED_ENABLED: 'true' })
    assert.equal(changed, `${FILE}WEBSOCKET_UNIFIED_ENABLED=true\n`)
  })

  for (const mark of ['', "'", '"', '`']) {
    it(`keeps a value ${mark === '' ? 'bare' : `in ${mark}`}`, () => {
      const line = (value: string): string => `${MODE}=${mark}${value}${mark} # why\n`
      assert.equal(changeVariables(line('disabled'), { [MODE]: 'full' }), line('full'))
    })
  }

  it('quotes what could not be read back bare, with marks that the value does not hold', () => {
    const written = (value: string): string => changeVariables(`${USERS}=x\n`, { [USERS]: value })
    assert.equal(written('a b,c'), `${USERS}='a b,c'\n`)
    assert.equal(written('a#1'), `${USERS}='a#1'\n`)
    assert.equal(written("o'neil"), `${USERS}="o'neil"\n`)
    assert.equal(written(`o'neil,"q"`), `${USERS}=\`o'neil,"q"\`\n`)
    assert.equal(written('müller'), `${USERS}='müller'\n`)
    assert.equal(written('a.b@c.de,d+e/f:g-h_i'), `${USERS}=a.b@c.de,d+e/f:g-h_i\n`)
  })

  it('leaves marks that a new value would break', () => {
    assert.equal(changeVariables(`${USERS}='x'\n`, { [USERS]: "o'neil" }), `${USERS}="o'neil"\n`)
    assert.equal(changeVariables(`${USERS}="x"\n`, { [USERS]: 'back\\new' }), `${USERS}='back\\new'\n`)
  })

  it('changes a key that occurs twice in both places, so that neither contradicts the other', () => {
    const twice = `${MODE}=disabled\nOTHER=1\nexport ${MODE}="testing"\n`
    assert.equal(lineOf(twice, MODE), 3)
    assert.equal(readVariables(twice)[MODE], 'testing')
    assert.equal(changeVariables(twice, { [MODE]: 'full' }), `${MODE}=full\nOTHER=1\nexport ${MODE}="full"\n`)
  })

  it('appends what is missing in the order of the guide, with the line ending of the file', () => {
    const values = { [MODE]: 'gradual', WEBSOCKET_ROLLOUT_PERCENTAGE: '5' }
    assert.equal(changeVariables('', values), `WEBSOCKET_ROLLOUT_PERCENTAGE=5\n${MODE}=gradual\n`)
    assert.equal(changeVariables('A=1', { [MODE]: 'full' }), `A=1\n${MODE}=full\n`)
    assert.equal(changeVariables('A=1\r\nB=2', { [MODE]: 'full' }), `A=1\r\nB=2\r\n${MODE}=full\r\n`)
  })

  it('keeps Windows line endings and a missing last one', () => {
    assert.equal(
      changeVariables(`A=1\r\n${MODE}=disabled\r\nB=2\r\n`, { [MODE]: 'full' }),
      `A=1\r\n${MODE}=full\r\nB=2\r\n`,
    )
    assert.equal(changeVariables(`A=1\n${MODE}=disabled`, { [MODE]: 'full' }), `A=1\n${MODE}=full`)
  })

  it('finds the first key behind a byte order mark, and keeps the mark', () => {
    const text = `\uFEFF${MODE}=disabled\n`
    assert.equal(readVariables(text)[MODE], 'disabled')
    assert.equal(lineOf(text, MODE), 1)
    assert.equal(changeVariables(text, { [MODE]: 'full' }), `\uFEFF${MODE}=full\n`)
  })

  it('keeps a comment apart from the value for readers that are stricter about it than dotenv', () => {
    const emptied = changeVariables(`${USERS}=ann # the testers\n`, { [USERS]: '' })
    assert.equal(emptied, `${USERS}='' # the testers\n`)
    assert.equal(changeVariables(`${USERS}= # nobody yet\n`, { [USERS]: 'ann' }), `${USERS}=ann # nobody yet\n`)
    assert.equal(changeVariables(`${USERS}=# nobody yet\n`, { [USERS]: 'ann' }), `${USERS}=ann # nobody yet\n`)
    assert.equal(changeVariables(`${USERS}=ann#x\n`, { [USERS]: 'ben' }), `${USERS}=ben #x\n`)
    assert.equal(changeVariables(`${USERS}=\n# ${USERS}=ann\n`, { [USERS]: '' }), `${USERS}=\n# ${USERS}=ann\n`)
  })

  it('lets a commented-out assignment be a comment', () => {
    const text = `# ${MODE}=full\n#${MODE}=testing\n`
    assert.equal(lineOf(text, MODE), null)
    assert.equal(changeVariables(text, { [MODE]: 'disabled' }), `${text}${MODE}=disabled\n`)
  })

  it('refuses an edit that would not be read back as meant, and names the variable', () => {
    const refusal = (act: () => unknown): WsctlError => {
      try {
        act()
      } catch (error) {
        if (error instanceof WsctlError) return error
        throw error
      }
      assert.fail('a refusal was expected')
    }
    const swallowed = refusal(() => changeVariables('MOTD="open\n', { [USERS]: '"#1' }))
    assert.equal(swallowed.code, 'env-file-unsafe-edit')
    assert.match(swallowed.message, /MOTD/)
    const open = refusal(() => changeVariables(`${USERS}="ann\n# a note\nOTHER=1"\n`, { [USERS]: 'ben' }))
    assert.match(open.message, new RegExp(USERS))
    const unquotable = refusal(() => changeVariables('', { [USERS]: `a'b"c\`d #e` }))
    assert.match(unquotable.message, new RegExp(USERS))
    assert.equal(unquotable.outcome, 'usage')
  })

  it('is not confused by keys that every object has', () => {
    const text = `constructor=1\ntoString=2\n__proto__=3\n${MODE}=disabled\n`
    assert.equal(changeVariables(text, { [MODE]: 'full' }), text.replace('disabled', 'full'))
  })

  it('reads a list that is set and empty as empty, and one that is not set as unknown', () => {
    assert.deepEqual(readVariables(`${USERS}=\n`), { [USERS]: '' })
    assert.deepEqual(readVariables('OTHER=1\n'), {})
  })
})

describe('variables of a configuration', () => {
  const snapshot = { mode: 'gradual', percentage: 5, legacyFallback: true } as const

  it('enable what the mode needs', () => {
    const values = toVariables({ ...snapshot, rolloutUsers: ['ann', 'ben'], forceLegacyUsers: [] })
    assert.deepEqual(values, {
      WEBSOCKET_UNIFIED_ENABLED: 'true',
      WEBSOCKET_GRADUAL_ROLLOUT_ENABLED: 'true',
      WEBSOCKET_ROLLOUT_PERCENTAGE: '5',
      WEBSOCKET_ROLLOUT_USER_LIST: 'ann,ben',
      WEBSOCKET_LEGACY_FALLBACK: 'true',
      WEBSOCKET_MIGRATION_MODE: 'gradual',
      WEBSOCKET_FORCE_LEGACY_USERS: '',
    })
    const disabled = toVariables({ ...snapshot, mode: 'disabled', rolloutUsers: [], forceLegacyUsers: [] })
    assert.equal(disabled.WEBSOCKET_UNIFIED_ENABLED, 'false')
    assert.equal(disabled.WEBSOCKET_GRADUAL_ROLLOUT_ENABLED, 'false')
  })

  it('leave lists alone that are not known', () => {
    const values = toVariables({ ...snapshot, rolloutUsers: null, forceLegacyUsers: null })
    assert.equal(USERS in values || 'WEBSOCKET_FORCE_LEGACY_USERS' in values, false)
  })
})

/** A value as it could stand in a file, with the marks around it. */
const written = fc
  .tuple(fc.constantFrom('', "'", '"', '`'), fc.stringMatching(/^[\w ,.=:#@'"`\\$é-]{0,12}$/))
  .map(([mark, text]) => mark + (mark === '' ? text.replaceAll(/['"`]/g, '') : text.replaceAll(mark, '')) + mark)

const otherKey = fc.oneof(
  fc.stringMatching(/^[A-Z][A-Z0-9_.-]{0,8}$/),
  fc.constantFrom('constructor', 'toString', 'valueOf', 'WEBSOCKET_MODE'),
)

const line = fc.oneof(
  fc.constantFrom('', '   ', '# note', `# ${MODE}=full`, "# it's a note", '\t'),
  fc
    .tuple(
      fc.constantFrom('', 'export ', '  '),
      fc.oneof({ weight: 2, arbitrary: fc.constantFrom<string>(...VARIABLES) }, { weight: 3, arbitrary: otherKey }),
      fc.constantFrom('=', ' = ', '= ', ': '),
      written,
      fc.constantFrom('', ' # why', '  ', '#x'),
    )
    .map((parts) => parts.join('')),
  fc.constantFrom('MULTI="one', 'two"', "LEFT='open"),
)

const file = fc
  .tuple(fc.constantFrom('', '\uFEFF'), fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(([bom, lines, ending, last]) => bom + lines.join(ending) + (last && lines.length > 0 ? ending : ''))

const userList = fc.array(fc.stringMatching(/^[\w@.+é#'-]{1,8}$/), { maxLength: 4 }).map((ids) => ids.join(','))

const change: fc.Arbitrary<VariableValues> = fc.record(
  {
    WEBSOCKET_UNIFIED_ENABLED: fc.constantFrom('true', 'false'),
    WEBSOCKET_GRADUAL_ROLLOUT_ENABLED: fc.constantFrom('true', 'false'),
    WEBSOCKET_ROLLOUT_PERCENTAGE: fc.integer({ min: 0, max: 100 }).map(String),
    WEBSOCKET_ROLLOUT_USER_LIST: userList,
    WEBSOCKET_LEGACY_FALLBACK: fc.constantFrom('true', 'false'),
    WEBSOCKET_MIGRATION_MODE: fc.constantFrom('disabled', 'testing', 'gradual', 'full'),
    WEBSOCKET_FORCE_LEGACY_USERS: userList,
  },
  { requiredKeys: [] },
)

describe('any environment file', () => {
  it('holds the new values and every other key as before, or is left alone', () => {
    let edited = 0
    let refused = 0
    fc.assert(
      fc.property(file, change, (text, values) => {
        let changed: string
        try {
          changed = changeVariables(text, values)
        } catch (error) {
          assert.ok(error instanceof WsctlError)
          assert.equal(error.code, 'env-file-unsafe-edit')
          refused += 1
          return
        }
        edited += 1
        assert.deepEqual({ ...parse(changed) }, { ...parse(text), ...values })
        assert.equal(changeVariables(changed, values), changed, 'a second edit changes nothing')
        assert.deepEqual(
          changed.split(/\r?\n/).filter((each) => /^\s*#/.test(each)),
          text.split(/\r?\n/).filter((each) => /^\s*#/.test(each)),
          'comments stay, in order',
        )
      }),
      { numRuns: 1500 },
    )
    assert.ok(refused < edited / 4, `${refused} of ${edited + refused} files could not be edited`)
  })
})
