import assert from 'node:assert/strict'
import {
  configureOptionsSchema,
  durationSchema,
  gradualOptionsSchema,
  lookOptionsSchema,
  loweringOptionsSchema,
  observationOptionsSchema,
  parseOptions,
  requestOptionsSchema,
  rollbackOptionsSchema,
  sandboxOptionsSchema,
} from '../../../src/lib/contract/options.js'
import type { THRESHOLD_KEYS } from '../../../src/lib/contract/thresholds.js'
import { thresholdsSchema } from '../../../src/lib/contract/thresholds.js'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import { refusalOf } from '../../support/refusal.js'

const GRADUAL = { initialPercentage: '5', maxPercentage: '50', stepSize: '15', stepDuration: '30' }
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** The message with which options are refused. */
async function complaint(act: () => unknown): Promise<string> {
  const error = await refusalOf(act)
  assert.equal(error.code, 'usage')
  assert.equal(error.exitCode, 2)
  return error.message
}

describe('a duration', () => {
  const read = (text: unknown): unknown => durationSchema({ bareNumber: 'refused' }).safeParse(text).data

  it('is read with each of its units', () => {
    const texts = { '500ms': 500, '90s': 90 * SECOND, '30m': 30 * MINUTE, '2h': 2 * HOUR, ' 1.5h ': 1.5 * HOUR }
    for (const [text, ms] of Object.entries(texts)) assert.equal(read(text), ms)
    assert.equal(read(1500), 1500, 'a number from a file is ms')
  })

  it('is never zero, negative, endless, or in a unit that there is not', () => {
    const texts = ['0s', '0', '-5m', '721h', '99999999999999999999h', `${'9'.repeat(120)}h`, '5d', '5 m', '5M', 'm']
    for (const text of [...texts, '', ' ', '1e3s', '٥m', '5m30s', '+5m', '0x5m', 0, -1, NaN, Infinity, null, true]) {
      assert.equal(read(text), undefined, String(text))
    }
  })

  it('may be as long as thirty days', () => {
    assert.equal(read('720h'), 720 * HOUR)
  })

  it('without a unit is minutes on --step-duration and --duration', () => {
    assert.equal(parseOptions(gradualOptionsSchema, GRADUAL).stepDuration, 30 * MINUTE)
    assert.equal(parseOptions(observationOptionsSchema, { duration: '1.5' }).duration, 1.5 * MINUTE)
    const lowering = parseOptions(loweringOptionsSchema, { step: '10', to: '0', stepDuration: '5' })
    assert.equal(lowering.stepDuration, 5 * MINUTE)
  })

  it('without a unit is refused everywhere else, in a message that shows how to write it', async () => {
    const refused: readonly (() => unknown)[] = [
      () => parseOptions(rollbackOptionsSchema, { rollbackTimeout: '2' }),
      () => parseOptions(requestOptionsSchema, { timeout: '10' }),
      () => parseOptions(lookOptionsSchema, { interval: '5' }),
      () => parseOptions(thresholdsSchema, { pollInterval: '10' }),
      () => parseOptions(thresholdsSchema, { window: '5' }),
    ]
    for (const act of refused) {
      const message = await complaint(act)
      assert.match(message, /^--[a-z-]+ \d+: expected a duration above 0 and up to .*, such as 500ms, 90s, 30m or 2h$/)
    }
    assert.match(
      await complaint(() => parseOptions(observationOptionsSchema, { duration: 'soon' })),
      /^--duration soon: .*, or minutes without a unit$/,
    )
  })

  it('of one request is no longer than a day, which a timer can still count', async () => {
    assert.equal(parseOptions(requestOptionsSchema, { timeout: '24h' }).timeout, 24 * HOUR)
    assert.match(await complaint(() => parseOptions(requestOptionsSchema, { timeout: '720h' })), /up to 1 day/)
  })
})

describe('a percentage', () => {
  it('is a whole number from 0 to 100, with or without its sign', () => {
    for (const [text, value] of [
      ['0', 0],
      ['100', 100],
      [' 50 ', 50],
      ['25%', 25],
      ['25 %', 25],
      ['5.0', 5],
    ] as const) {
      assert.equal(parseOptions(configureOptionsSchema, { percentage: text }).percentage, value)
    }
  })

  it('is refused otherwise, with what was typed and what is legal', async () => {
    for (const text of ['101', '-1', '5.5', 'abc', '', ' ', '5e1', '0x10', '1,5', '%', '5%%', 'NaN', 'Infinity']) {
      assert.equal(
        await complaint(() => parseOptions(configureOptionsSchema, { percentage: text })),
        `--percentage ${text}: expected a whole number from 0 to 100 (per cent)`,
      )
    }
  })

  it('of a step is at least 1: a rollout of steps of nothing would never end', async () => {
    const act = (): unknown => parseOptions(gradualOptionsSchema, { ...GRADUAL, stepSize: '0' })
    assert.equal(await complaint(act), '--step-size 0: expected a whole number from 1 to 100 (per cent)')
  })

  it('to start from is not above the one to stop at', async () => {
    const act = (): unknown => parseOptions(gradualOptionsSchema, { ...GRADUAL, initialPercentage: '60' })
    assert.match(
      await complaint(act),
      /^--initial-percentage 60: expected a percentage that is not above --max-percentage 50; .*wsctl rollback gradual$/,
    )
    assert.equal(parseOptions(gradualOptionsSchema, { ...GRADUAL, initialPercentage: '50' }).initialPercentage, 50)
  })
})

describe('thresholds', () => {
  it('are those of the deployment guide when none is given', () => {
    assert.deepEqual(parseOptions(thresholdsSchema, {}), DEFAULT_THRESHOLDS)
  })

  it('are read from flags as from files', () => {
    const typed = { maxErrorRate: '2.5', maxRoutingErrors: '0', window: '1m', pollInterval: '500ms', minAttempts: '1' }
    const filed = { maxErrorRate: 2.5, maxRoutingErrors: 0, window: 60_000, pollInterval: 500, minAttempts: 1 }
    assert.deepEqual(parseOptions(thresholdsSchema, typed), parseOptions(thresholdsSchema, filed))
    assert.equal(parseOptions(thresholdsSchema, typed).maxErrorRate, 2.5)
    assert.equal(parseOptions(thresholdsSchema, typed).windowMs, MINUTE)
  })

  const illegal: readonly (readonly [(typeof THRESHOLD_KEYS)[number], string, string])[] = [
    ['maxErrorRate', '100.1', '--max-error-rate 100.1: expected a number from 0 to 100 (per cent)'],
    ['maxErrorRate', '-0.1', '--max-error-rate -0.1: expected a number from 0 to 100 (per cent)'],
    ['maxFallbackRate', 'many', '--max-fallback-rate many: expected a number from 0 to 100 (per cent)'],
    ['minSuccessRate', '', '--min-success-rate : expected a number from 0 to 100 (per cent)'],
    ['minAdoption', '200', '--min-adoption 200: expected a number from 0 to 100 (per cent)'],
    ['maxRoutingErrors', '1.5', '--max-routing-errors 1.5: expected a whole number from 0 to 1000000 (count)'],
    ['maxRoutingErrors', '5%', '--max-routing-errors 5%: expected a whole number from 0 to 1000000 (count)'],
    ['consecutiveFailures', '0', '--consecutive-failures 0: expected a whole number from 1 to 1000 (count)'],
    ['minAttempts', '0', '--min-attempts 0: expected a whole number from 1 to 1000000 (count)'],
    [
      'confirmInterval',
      '0s',
      '--confirm-interval 0s: expected a duration above 0 and up to 30 days, such as 500ms, 90s, 30m or 2h',
    ],
  ]
  for (const [key, value, message] of illegal) {
    it(`are refused with ${key} ${JSON.stringify(value)}, naming key, value and legal range`, async () => {
      assert.equal(await complaint(() => parseOptions(thresholdsSchema, { [key]: value })), message)
    })
  }

  it('are refused with a key that there is not: a misspelt limit would be no limit', async () => {
    const act = (): unknown => parseOptions(thresholdsSchema, { maxErorRate: 3 })
    assert.equal(await complaint(act), 'maxErorRate 3: there is no such option')
  })

  it('are refused with a window in which no two checks fit, also when only one of the two was given', async () => {
    assert.equal(
      await complaint(() => parseOptions(thresholdsSchema, { window: '9s' })),
      '--window 9s: expected a window of at least 10s, the --poll-interval, not 9s',
    )
    assert.equal(
      await complaint(() => parseOptions(thresholdsSchema, { pollInterval: '10m' })),
      '--window (default): expected a window of at least 10m, the --poll-interval, not 5m',
    )
    assert.equal(parseOptions(thresholdsSchema, { window: '10s' }).windowMs, 10 * SECOND)
  })

  it('tell everything that is wrong at once, each on a line of its own', async () => {
    const message = await complaint(() =>
      parseOptions(thresholdsSchema, { maxErrorRate: 'x', minAttempts: '-1', window: 'y' }),
    )
    assert.deepEqual(
      message.split('\n').map((line) => line.split(':')[0]),
      ['--max-error-rate x', '--window y', '--min-attempts -1'],
    )
  })
})

describe('options of configure', () => {
  it('take a mode in any case, as the server does', () => {
    assert.deepEqual(parseOptions(configureOptionsSchema, { mode: ' Gradual ' }), { mode: 'gradual' })
  })

  it('refuse what the server would not take', async () => {
    assert.equal(
      await complaint(() => parseOptions(configureOptionsSchema, { mode: 'canary' })),
      '--mode canary: expected one of disabled, testing, gradual, full',
    )
    assert.equal(
      await complaint(() => parseOptions(configureOptionsSchema, { legacyFallback: 'maybe' })),
      '--legacy-fallback maybe: expected true or false',
    )
  })
})

describe('options of the sandbox', () => {
  const legal = { port: '0', users: '500', stay: '15s', away: '2500ms', seed: '1' }

  it('refuse a port, a probability or a number of users that cannot be', async () => {
    assert.equal(parseOptions(sandboxOptionsSchema, legal).users, 500)
    const wrong = { port: '65536', users: '5001', failProbability: '1.1', rateLimit: '0', restartAfter: '3' }
    const message = await complaint(() => parseOptions(sandboxOptionsSchema, { ...legal, ...wrong }))
    assert.deepEqual(
      message.split('\n').map((line) => line.split(':')[0]),
      ['--port 65536', '--users 5001', '--fail-probability 1.1', '--rate-limit 0', '--restart-after 3'],
    )
  })
})
