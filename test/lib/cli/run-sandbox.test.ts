import assert from 'node:assert/strict'
import { faultsOf, presetFaults, type FaultFlags } from '../../../src/lib/cli/run-sandbox.js'
import { parseOptions, sandboxOptionsSchema } from '../../../src/lib/contract/options.js'
import { FAULT_PRESETS } from '../../../src/lib/sandbox/fault-presets.js'
import { faultsSchema, type FaultsInput } from '../../../src/lib/sandbox/faults.js'
import { refusalOf } from '../../support/refusal.js'

const DEFAULTS = { port: '0', users: '0', stay: '1s', away: '1s', seed: '1' }

function faults(flags: FaultFlags, options: Readonly<Record<string, string>> = {}): Promise<FaultsInput> {
  return faultsOf(flags, parseOptions(sandboxOptionsSchema, { ...DEFAULTS, ...options }))
}

describe('faults of a sandbox from flags', () => {
  it('are none without a flag', async () => {
    assert.deepEqual(await faults({}), {})
  })

  it('are those of a preset, each of which makes sense', async () => {
    for (const [name, preset] of Object.entries(FAULT_PRESETS)) {
      assert.deepEqual(await presetFaults(name), preset.faults)
      faultsSchema.parse(preset.faults)
    }
  })

  it('are put together from single flags, which beat a preset', async () => {
    const options = { failProbability: '0.3', refuseProbability: '0.1', fromPercentage: '40' }
    assert.deepEqual(await faults({ fault: 'refused', api: 'hang', 'no-fallback': true }, options), {
      fail: { probability: 0.3, fromPercentage: 40, withFallback: false },
      refuse: { probability: 0.1, fromPercentage: 40 },
      api: { kind: 'hang' },
    })
    assert.deepEqual((await faults({ fault: 'refused' }, { failProbability: '1' })).refuse, {
      probability: 1,
      fromPercentage: 20,
    })
  })

  it('of a preset can be told from which percentage on, and without fallback', async () => {
    assert.deepEqual(await faults({ fault: 'unified-errors', 'no-fallback': true }, { fromPercentage: '50' }), {
      fail: { probability: 0.5, fromPercentage: 50, withFallback: false },
    })
  })

  it('are refused with a name that there is not, naming those that there are', async () => {
    for (const name of ['nope', 'toString', '']) {
      const error = await refusalOf(() => faults({ fault: name }))
      assert.equal(error.exitCode, 2)
      assert.match(error.suggestions.join(), /unified-errors, unified-errors-no-fallback, refused/)
    }
  })
})
