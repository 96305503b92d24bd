import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { RunMetrics } from '../../../src/lib/adapters/run-metrics.js'
import { unmeasured } from '../../../src/lib/core/analysis.js'
import { recordedRun, serverStatus, Story, type Told } from '../../support/events.js'
import { callError } from '../../support/fakes.js'
import { gradual, MINUTE, Scene } from '../../support/rollouts.js'

/** The samples of a text, by name and labels as they stand there. */
async function samples(metrics: RunMetrics): Promise<ReadonlyMap<string, number>> {
  const lines = (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

async function after(told: readonly Told[]): Promise<ReadonlyMap<string, number>> {
  const metrics = new RunMetrics()
  for (const { event, state } of told) metrics.update(event, state)
  return samples(metrics)
}

describe('the metrics of a run', () => {
  let passed: readonly Told[]
  let broken: readonly Told[]

  before(async () => {
    passed = await recordedRun(new Scene(), gradual({ maxPercentage: 20 }))
    const failing = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage > 5 ? 0.5 : 0) })
    broken = await recordedRun(failing, gradual({ maxPercentage: 20 }))
  })

  it('are what promtool takes, at every moment', async function () {
    if (spawnSync('promtool', ['--version']).status !== 0) this.skip()
    const metrics = new RunMetrics()
    const texts = [await metrics.text()]
    for (const [index, { event, state }] of broken.entries()) {
      metrics.update(event, state)
      if (index === 3 || index === broken.length - 1) texts.push(await metrics.text())
    }
    for (const input of texts) {
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })
      assert.equal(`${status ?? ''} ${stdout}${stderr}`.trim(), '0')
    }
  })

  it('say nothing of what is not known yet, rather than 0', async () => {
    const early = await after(passed.slice(0, 1))
    for (const name of ['error_ratio', 'success_ratio', 'unified_users_ratio', 'last_sample_timestamp_seconds', 'step'])
      assert.equal(early.get(`wsctl_${name}`), undefined, name)
    assert.equal(early.get('wsctl_end_timestamp_seconds'), undefined)
    assert.equal(early.get('wsctl_steps'), 2)
  })

  it('tell where the run is, in ratios and seconds', async () => {
    const half = passed.slice(
      0,
      passed.findIndex(({ event }) => event.type === 'step-passed'),
    )
    const during = await after(half)
    assert.equal(during.get('wsctl_unified_users_ratio'), 0.05)
    assert.equal(during.get('wsctl_step_target_ratio'), 0.05)
    assert.equal(during.get('wsctl_step'), 1)
    assert.equal(during.get('wsctl_step_required_seconds'), 300)
    assert.ok((during.get('wsctl_step_observed_seconds') ?? 0) >= 290)
    assert.equal(during.get('wsctl_phase{phase="observing"}'), 1)
    assert.equal(during.get('wsctl_success_ratio'), 1)
    assert.equal(during.get('wsctl_success_ratio_limit'), 0.95)
    assert.equal(during.get('wsctl_error_ratio_limit'), 0.05)
    const info = 'wsctl_info{rollout_id="test-run",command="deploy gradual",server="http://127.0.0.1:8000"}'
    assert.equal(during.get(info), 1)
  })

  it('count checks, polls and attempts as the records do', async () => {
    const { state } = broken.at(-1) ?? assert.fail('nothing happened')
    const all = await after(broken)
    const checks = broken.flatMap(({ event }) => (event.type === 'checked' ? [event.check.verdict] : []))
    for (const verdict of ['pass', 'fail', 'inconclusive', 'error']) {
      const counted = all.get(`wsctl_checks_total{verdict="${verdict}"}`)
      assert.equal(counted, checks.filter((each) => each === verdict).length, verdict)
    }
    const attempts = state.steps.reduce((sum, { tally }) => sum + tally.attempts, 0)
    assert.equal(all.get('wsctl_attempts_total'), attempts)
    const errors = state.steps.reduce((sum, { tally }) => sum + tally.errors, 0)
    assert.equal(all.get('wsctl_routing_errors_total'), errors)
    assert.ok((all.get('wsctl_polls_total{result="valid"}') ?? 0) > checks.length)
    assert.equal(all.get('wsctl_failures_in_a_row'), 3)
    assert.equal(all.get('wsctl_failures_in_a_row_limit'), 3)
  })

  it('name the outcome once the run has ended', async () => {
    const all = await after(broken)
    assert.equal(all.get('wsctl_outcome{outcome="rolled-back"}'), 1)
    assert.equal(all.get('wsctl_outcome{outcome="completed"}'), 0)
    assert.equal(all.get('wsctl_unified_users_ratio'), 0)
    assert.ok((all.get('wsctl_end_timestamp_seconds') ?? 0) > (all.get('wsctl_start_timestamp_seconds') ?? 0))
  })

  it('lose the rates, not the time of the last sample, when the server stops answering', async () => {
    const applied = passed.slice(0, passed.findIndex(({ event }) => event.type === 'checked') + 2)
    const before = await after(applied)
    assert.notEqual(before.get('wsctl_error_ratio'), undefined)
    const { state } = applied.at(-1) ?? assert.fail('nothing happened')
    const story = new Story(state.plan)
    story.told.splice(0, story.told.length, ...applied)
    const { failure } = callError('timeout')
    story.then({ type: 'checked', step: 0, status: null, failure, check: unmeasured('no answer'), begunMs: state.atMs })
    const silent = await after(story.told)
    for (const rate of ['error', 'fallback', 'success', 'adoption'])
      assert.equal(silent.get(`wsctl_${rate}_ratio`), undefined, rate)
    assert.equal(silent.get('wsctl_polls_total{result="failed"}'), 1)
    assert.equal(silent.get('wsctl_checks_total{verdict="error"}'), 1)
    assert.equal(silent.get('wsctl_last_sample_timestamp_seconds'), before.get('wsctl_last_sample_timestamp_seconds'))
  })

  it('never count backwards when the server restarts', async () => {
    const scene = new Scene({ attemptsPerSecond: 20 })
    scene.clock.at(3 * MINUTE, () => scene.server.restart())
    const told = await recordedRun(scene, gradual({ maxPercentage: 5 }))
    const metrics = new RunMetrics()
    let attempts = 0
    for (const { event, state } of told) {
      metrics.update(event, state)
      const now = (await samples(metrics)).get('wsctl_attempts_total') ?? 0
      assert.ok(now >= attempts, `${now} after ${attempts}`)
      attempts = now
    }
    assert.equal((await samples(metrics)).get('wsctl_server_restarts_total'), 1)
    assert.ok(attempts > (told.at(-1)?.state.stepTotal.attempts ?? 0))
  })

  it('say nothing of a step by what was measured of the one before', async () => {
    const second = passed.findIndex(({ event }) => event.type === 'step-applied' && event.step === 1)
    assert.equal((await after(passed.slice(0, second + 1))).get('wsctl_error_ratio'), undefined)
  })

  it('know the open connections as far as the server does', async () => {
    const story = new Story(gradual())
    story.then({ type: 'step-started', step: 0, percentage: 5, again: false })
    const status = serverStatus({ mode: 'gradual', percentage: 5 }, { open: { legacy: 12, unified: null } })
    const all = await after(story.then({ type: 'step-applied', step: 0, percentage: 5, status }).told)
    assert.equal(all.get('wsctl_open_connections{system="legacy"}'), 12)
    assert.equal(all.get('wsctl_open_connections{system="unified"}'), undefined)
  })
})
