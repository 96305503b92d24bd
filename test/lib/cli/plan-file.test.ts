import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { Parser } from '@oclif/core'
import { parse as parseYaml } from 'yaml'
import * as z from 'zod'
import DeployGradual from '../../../src/commands/deploy/gradual.js'
import { readGradual } from '../../../src/lib/cli/gradual-options.js'
import { readPlanFile } from '../../../src/lib/cli/plan-file.js'
import { planJsonSchema } from '../../../src/lib/contract/plan-file.js'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import { surroundings } from '../../support/environment.js'
import { refusalOf } from '../../support/refusal.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const WHOLE = `
schema: wsctl/plan@1
name: winter rollout
servers: [http://10.0.0.5:8000, http://10.0.0.6:8000]
quorum: 90%
on-partial: hold
canary-servers: 1
steps:
  - 1
  - percentage: 5
    duration: 10
    gate: approval
  - percentage: 25%
    thresholds: {max-error-rate: 2, window: 10m}
    gate: {approval: {limit: 2h, on-limit: rollback}}
  - percentage: 50
    gate: {command: ./is-it-calm.sh, every: 1m, timeout: 20s, limit: 1h}
  - percentage: 100
    gate: {url: https://example.org/ok}
step-duration: 30m
thresholds: {max-error-rate: 5, poll-interval: 20s}
analysis: sequential
confidence: 99.5 %
design-effect: 2
on-inconclusive: hold
on-interrupt: rollback
on-crash: rollback
rollback-timeout: 3m
freeze: [Fri 16:00-Mon 08:00 Europe/Berlin]
baseline: 5m
max-error-rate-increase: 1.5x
max-fallback-rate-increase: 2
`

describe('a plan file', () => {
  const folder = new TemporaryFolder()

  async function saved(text: string): Promise<string> {
    const path = folder.at('rollout.yaml')
    await writeFile(path, text)
    return path
  }

  /** The lines with which a plan is refused, such as `2:3: steps[0] 0: …`. */
  async function complaints(text: string): Promise<readonly string[]> {
    const path = await saved(text)
    const error = await refusalOf(() => readPlanFile(path))
    assert.deepEqual([error.code, error.exitCode], ['usage', 2])
    return error.message.replaceAll(`${path}:`, '').split('\n')
  }

  it('may be nothing but percentages', async () => {
    const { steps, name, thresholds } = await readPlanFile(await saved('steps: [1, 5, 100]'))
    const bare = { durationMs: null, thresholds: null, gate: null }
    assert.deepEqual(
      steps,
      [1, 5, 100].map((percentage) => ({ percentage, ...bare })),
    )
    assert.deepEqual([name, thresholds], [null, {}])
  })

  it('is read whole, with every duration in the unit that was meant', async () => {
    const plan = await readPlanFile(await saved(WHOLE))
    const hold = { limitMs: null, onLimit: 'hold' }
    assert.deepEqual(plan, {
      name: 'winter rollout',
      fleet: {
        server: ['http://10.0.0.5:8000', 'http://10.0.0.6:8000'],
        'servers-from': null,
        quorum: '90%',
        'on-partial': 'hold',
        'canary-servers': '1',
      },
      steps: [
        { percentage: 1, durationMs: null, thresholds: null, gate: null },
        { percentage: 5, durationMs: 10 * MINUTE, thresholds: null, gate: { kind: 'approval', ...hold } },
        {
          percentage: 25,
          durationMs: null,
          thresholds: { 'max-error-rate': 2, window: 10 * MINUTE },
          gate: { kind: 'approval', limitMs: 2 * HOUR, onLimit: 'rollback' },
        },
        {
          percentage: 50,
          durationMs: null,
          thresholds: null,
          gate: {
            kind: 'command',
            command: './is-it-calm.sh',
            everyMs: MINUTE,
            timeoutMs: 20 * SECOND,
            limitMs: HOUR,
            onLimit: 'hold',
          },
        },
        {
          percentage: 100,
          durationMs: null,
          thresholds: null,
          gate: { kind: 'url', url: 'https://example.org/ok', everyMs: 30 * SECOND, timeoutMs: 30 * SECOND, ...hold },
        },
      ],
      stepDurationMs: 30 * MINUTE,
      thresholds: { 'max-error-rate': 5, 'poll-interval': 20 * SECOND },
      analysis: { analysis: 'sequential', confidence: 0.995, 'design-effect': 2 },
      onInconclusive: 'hold',
      onInterrupt: 'rollback',
      onCrash: 'rollback',
      rollbackTimeoutMs: 3 * MINUTE,
      freeze: [
        {
          text: 'Fri 16:00-Mon 08:00 Europe/Berlin',
          timeZone: 'Europe/Berlin',
          fromMinute: (4 * 24 + 16) * 60,
          toMinute: 8 * 60,
        },
      ],
      baseline: { durationMs: 5 * MINUTE },
      increases: { maxErrorRate: 1.5, maxFallbackRate: 2 },
      contacts: null,
      notifications: [],
    })
  })

  const wrong: readonly (readonly [what: string, text: string, ...lines: readonly RegExp[]])[] = [
    [
      'a falling percentage',
      'steps: [5, 25, 10]',
      /^1:16: steps\[2\] 10: expected a percentage above 25, .*wsctl rollback gradual$/,
    ],
    [
      'a percentage twice',
      'steps:\n  - 5\n  - percentage: 5\n',
      /^3:5: steps\[1\]\.percentage 5: expected a percentage above 5, which is there already$/,
    ],
    ['a step of nothing', 'steps: [0, 5]', /^1:9: steps\[0\] 0: expected a whole number from 1 to 100 \(per cent\)$/],
    ['a step above everybody', 'steps: [101]', /^1:9: steps\[0\] 101: expected a whole number from 1 to 100/],
    ['half a per cent', 'steps: [0.5]', /^1:9: steps\[0\] 0\.5: expected a whole number from 1 to 100/],
    ['no steps', 'steps: []', /^1:1: steps \[\]: expected at least one step/],
    ['steps that are left out', 'name: x', /^1:1: steps is missing: expected a list of steps/],
    ['a step without a percentage', 'steps: [{gate: approval}]', /^1:9: steps\[0\]\.percentage is missing: expected a/],
    ['a step that is empty', 'steps:\n  -\n', /^2:\d+: steps\[0\] \(nothing\): expected a whole number/],
    ['a file without anything', '# later\n', /^ the file \(nothing\): expected a plan/],
    ['a list', '- 1\n', /^1:1: the file \(a list\): expected a plan/],
    [
      'a key in another style',
      'steps: [1]\nstep_duration: 5\n',
      /^2:1: step_duration: .*did you mean step-duration\?$/,
    ],
    [
      'a key with a slip in it',
      'steps:\n  - {percentage: 5, treshold: {}}\n',
      /^2:21: steps\[0\]\.treshold: there is no such key; did you mean thresholds\?$/,
    ],
    [
      'a limit of the flags where only rules of the plan belong',
      'steps: [1]\nmax-error-rate: 2\n',
      /^2:1: max-error-rate: there is no such key here; it belongs under thresholds$/,
    ],
    ['a key like none', 'steps: [1]\nzzz: 1\n', /^2:1: zzz: there is no such key; legal are schema, name, steps, /],
    ['a key of programs', '__proto__: {steps: [1]}\nsteps: [1]\n', /^1:1: __proto__: there is no such key/],
    [
      'a bare number where it could be taken for seconds',
      'steps: [1]\nthresholds: {window: 300}\n',
      /^2:14: thresholds\.window 300: expected a duration above 0 .*, such as 500ms, 90s, 30m or 2h$/,
    ],
    ['a step that takes no time', 'steps: [{percentage: 1, duration: 0}]', /^1:25: steps\[0\]\.duration 0: expected a/],
    [
      'a window in which no two checks fit, also by what the plan says of all steps',
      'steps: [{percentage: 1, thresholds: {window: 30s}}]\nthresholds: {poll-interval: 1m}\n',
      /^1:38: steps\[0\]\.thresholds\.window "30s": expected a window of at least 1m/,
    ],
    [
      'a form of the future',
      'schema: wsctl/plan@2\nsteps: [1]\n',
      /^1:1: schema "wsctl\/plan@2": expected wsctl\/plan@1/,
    ],
    [
      'a gate that there is not',
      'steps: [{percentage: 1, gate: aproval}]',
      /gate "aproval": expected approval, \{appr/,
    ],
    ['a gate with a slip in it', 'steps: [{percentage: 1, gate: {comand: x}}]', /comand: .*did you mean command\?$/],
    [
      'the URL of a chat, which only a variable or a file may hold',
      'steps: [1]\nnotifications: [{type: slack, url: "https://x"}]',
      /^2:31: notifications\[0\]\.url: there is no such key; did you mean url-env or url-file\?$/,
    ],
    [
      'a gate of two kinds',
      'steps: [{percentage: 1, gate: {command: x, url: "https://x"}}]',
      /^1:25: steps\[0\]\.gate .*: expected one of approval, command, url, found command and url$/,
    ],
    [
      'a limit beside the approval, where it would not count',
      'steps: [{percentage: 1, gate: {approval: {}, limit: 5m}}]',
      /gate\.limit "5m": .* give it within, as approval: \{limit: …\}$/,
    ],
    [
      'a gate at an address that is none',
      'steps: [{percentage: 1, gate: {url: "ftp://x"}}]',
      /url "ftp:\/\/x": expected a/,
    ],
    ['a factor below one', 'steps: [1]\nmax-error-rate-increase: 0.5x\n', /"0\.5x": expected a factor from 1 to 1000/],
    ['a day that there is not', 'steps: [1]\nfreeze: [Fry 16:00-Mon 08:00]\n', /^2:10: freeze\[0\] "Fry .*expected a/],
    [
      'a place that there is not',
      'steps: [1]\nfreeze: [Fri 16:00-Mon 08:00 Mars/X]\n',
      /^2:10: freeze\[0\] "Fri .*time zone/,
    ],
    ['control characters in its name', 'steps: [1]\nname: "a\\e[31m"\n', /^2:1: name "a\\u001b\[31m": expected a name/],
    [
      'several mistakes, from the top of the file to its end',
      'steps: [0, 5]\nonCrash: 1\nbaseline: soon\n',
      /^1:9: /,
      /^2:1: onCrash: .*did you mean on-crash\?$/,
      /^3:1: baseline "soon": expected a duration/,
    ],
  ]
  for (const [what, text, ...lines] of wrong) {
    it(`is refused with ${what}`, async () => {
      const told = await complaints(text)
      assert.equal(told.length, lines.length, told.join('\n'))
      lines.forEach((line, index) => assert.match(told[index] ?? '', line))
    })
  }

  it('full of mistakes is refused in a few lines, and at once', async () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`)
    const told = await complaints(['steps: [1]', ...keys].join('\n'))
    assert.equal(told.length, 21)
    assert.equal(told.at(-1), 'and 19980 more')
  }).timeout(20_000)

  it('is judged by an editor as by wsctl', async () => {
    const editor = z.fromJSONSchema(planJsonSchema())
    const judge = (text: string): boolean => editor.safeParse(parseYaml(text)).success
    assert.deepEqual(editor.safeParse(parseYaml(WHOLE)).error?.issues ?? [], [])
    for (const legal of [
      'steps: ["5 %", 10]\nstep-duration: 1.5\n',
      'steps: [1]\nthresholds: {min-adoption: "50%"}\n',
    ]) {
      assert.equal(judge(legal), true, legal)
      await readPlanFile(await saved(legal))
    }
    const refused = [
      'steps: [0]',
      'name: x',
      'steps: [1]\nzzz: 1',
      'steps: []',
      'steps: [1]\nthresholds: {window: 300}',
    ]
    for (const text of refused) assert.equal(judge(text), false, text)
  })

  describe('and flags beside it', () => {
    async function settle(text: string, ...argv: readonly string[]) {
      const path = await saved(text)
      return readGradual(await Parser.parse(['--plan', path, ...argv], { flags: DeployGradual.flags }), surroundings())
    }
    const durations = async (...argv: readonly string[]) =>
      (await settle('steps: [1, {percentage: 5, duration: 10m}]\nstep-duration: 20m\n', ...argv)).options.steps.map(
        ({ durationMs }) => durationMs / MINUTE,
      )

    it('take from the file what was not typed, whatever the default of the flag', async () => {
      const { flags, options } = await settle(WHOLE)
      assert.deepEqual(
        [flags['on-inconclusive'], flags['on-interrupt'], flags['on-crash'], flags['rollback-timeout']],
        ['hold', 'rollback', 'rollback', '180000ms'],
      )
      assert.deepEqual([flags['max-error-rate'], flags['poll-interval']], ['5', '20000ms'])
      assert.equal(options.onInconclusive, 'hold')
      assert.deepEqual(await durations(), [20, 10])
    })

    it('take from the defaults what neither says', async () => {
      const { flags, options } = await settle('steps: [1]')
      assert.deepEqual([flags['on-inconclusive'], flags['on-interrupt'], flags['on-crash']], ['extend', 'hold', 'hold'])
      assert.equal(options.steps[0]?.durationMs, 30 * MINUTE)
    })

    it('beat the file, also with a value that is the default', async () => {
      const { flags } = await settle(WHOLE, '--on-crash', 'hold', '--max-error-rate', '7', '--rollback-timeout', '2m')
      assert.deepEqual([flags['on-crash'], flags['max-error-rate'], flags['rollback-timeout']], ['hold', '7', '2m'])
      assert.deepEqual(await durations('--step-duration', '30'), [30, 30])
    })

    it('beat what the file says of a single step', async () => {
      const step = async (...argv: readonly string[]) => (await settle(WHOLE, ...argv)).options.steps[2]?.thresholds
      const own = { ...DEFAULT_THRESHOLDS, pollIntervalMs: 20 * SECOND, windowMs: 10 * MINUTE, maxErrorRate: 2 }
      assert.deepEqual(await step(), own)
      assert.deepEqual(await step('--max-error-rate', '1'), { ...own, maxErrorRate: 1 })
    })

    it('leave what the context says where the file says nothing, in a step of its own limits as well', async () => {
      const path = await saved('steps: [{percentage: 5, thresholds: {min-attempts: 7}}]')
      const settings = { server: 'https://chat.example.com', thresholds: { 'max-error-rate': 2 } }
      const context = surroundings({}, { name: 'prod', settings, chosenBy: null, placeOf: () => 'contexts.yaml:2:3' })
      const { options } = await readGradual(
        await Parser.parse(['--plan', path], { flags: DeployGradual.flags }),
        context,
      )
      const { maxErrorRate, minAttempts } = options.steps[0]?.thresholds ?? DEFAULT_THRESHOLDS
      assert.deepEqual([maxErrorRate, minAttempts], [2, 7])
    })

    it('that say what the steps are contradict it', async () => {
      for (const flag of ['--steps', '--initial-percentage', '--max-percentage', '--step-size']) {
        const path = await saved('steps: [1]')
        const parsing = Parser.parse(['--plan', path, flag, '5'], { flags: DeployGradual.flags })
        await assert.rejects(parsing, new RegExp(`${flag}=5 cannot also be provided when using --plan`))
      }
    })

    it('hand gates, freeze windows and the baseline on', async () => {
      const { options, flags } = await settle(WHOLE)
      assert.deepEqual(
        options.steps.map(({ gate }) => gate?.kind ?? null),
        [null, 'approval', 'approval', 'command', 'url'],
      )
      assert.equal(options.safeguards?.name, 'winter rollout')
      const said = new Map<string, unknown>(Object.entries(flags))
      assert.deepEqual(
        ['freeze', 'baseline', 'max-error-rate-increase', 'max-fallback-rate-increase'].map((name) => said.get(name)),
        [['Fri 16:00-Mon 08:00 Europe/Berlin'], '300000ms', '1.5', '2'],
      )
    })
  })
})

describe('steps that are named one by one', () => {
  const settle = async (steps: string, ...argv: readonly string[]) =>
    readGradual(await Parser.parse(['--steps', steps, ...argv], { flags: DeployGradual.flags }), surroundings())

  it('are these, each as long as the others', async () => {
    const { options } = await settle('1,2, 5%,100', '--step-duration', '10')
    assert.deepEqual(
      options.steps,
      [1, 2, 5, 100].map((percentage) => ({ percentage, durationMs: 10 * MINUTE })),
    )
  })

  it('are refused when they do not rise, are none, or are no percentages', async () => {
    for (const [steps, message] of [
      ['5,25,10', /^--steps 5,25,10: after 25 comes 10: expected a percentage above 25, .*wsctl rollback gradual$/],
      ['5,5', /^--steps 5,5: after 5 comes 5: expected a percentage above 5, which is there already$/],
      ['0,5', /^--steps 0,5: expected a whole number from 1 to 100 \(per cent\)$/],
      ['', /^--steps : expected a whole number/],
      ['1,,5', /^--steps 1,,5: expected a whole number/],
      ['1 5', /^--steps 1 5: expected a whole number/],
    ] as const) {
      const error = await refusalOf(() => settle(steps))
      assert.equal(error.exitCode, 2)
      assert.match(error.message, message)
    }
  })
})
