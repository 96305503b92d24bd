import assert from 'node:assert/strict'
import type { Check } from '../../src/lib/core/analysis.js'
import type { Order } from '../../src/lib/core/control.js'
import type { RolloutEvent } from '../../src/lib/core/event.js'
import { evolve } from '../../src/lib/core/evolve.js'
import { frozenBy } from '../../src/lib/core/freeze.js'
import type { RolloutState } from '../../src/lib/core/rollout.js'
import { effectivePercentage, isAbove, type Counters, type ServerStatus } from '../../src/lib/core/server.js'
import type { RolloutPlan } from '../../src/lib/core/rollout.js'
import type { Thresholds } from '../../src/lib/core/thresholds.js'
import { evidenceOf, growth, ZERO } from './evidence.js'
import { endOf } from './fakes.js'
import { fold, type Call, type Ended } from './world.js'

type Write = Call & { readonly configuration: NonNullable<Call['configuration']> }

function isWrite(call: Call): call is Write {
  return call.configuration !== null
}

/** Writes that send somebody to the unified system. */
function exposures({ world }: Ended): readonly Write[] {
  return world.calls.filter(isWrite).filter(({ configuration }) => configuration.mode !== 'disabled')
}

/** What was on disk when a call went out. */
function onDisk({ world }: Ended, call: Call): readonly RolloutEvent[] {
  return world.journal.events.slice(0, call.journaled)
}

/** What the run knew when a call went out: a process that died had written more than it told. */
function knownBefore(ended: Ended, call: Call): readonly RolloutEvent[] {
  if (call.journalFailures === 0) return onDisk(ended, call)
  return ended.world.told.slice(0, call.told).map(({ event }) => event)
}

/** Whether the run had found that the server restarted since it began the present step. */
function hasRestarted(ended: Ended, call: Call): boolean {
  const events = knownBefore(ended, call)
  const began = events.findLastIndex((event) => event.type === 'step-started' && !event.again)
  return events.slice(began).some(({ type }) => type === 'restart-detected')
}

/** The percentage is raised only after the present step passed on evidence. */
export function raisesOnEvidenceAlone(ended: Ended): void {
  const { steps, thresholds, intent, monitoring, onInconclusive } = ended.plan
  if (intent !== 'raise') return
  for (const write of exposures(ended)) {
    const events = onDisk(ended, write)
    const step = events.findLast((event) => event.type === 'step-started')?.step ?? 0
    if (step === 0) continue
    const before = step - 1
    const passed = events.findLastIndex((event) => event.type === 'step-passed' && event.step === before)
    assert.ok(passed >= 0, `step ${step} was written before step ${before} passed`)
    const evidence = evidenceOf(events.slice(0, passed), before, thresholds.pollIntervalMs)
    const requiredMs = steps[before]?.durationMs ?? Infinity
    const isPromoted = orders(events, 'promote', before).length > 0
    assert.ok(
      isPromoted || evidence.observedMs >= requiredMs - 1,
      `observed for ${evidence.observedMs} of ${requiredMs} ms`,
    )
    if (!monitoring) continue
    assert.ok(!evidence.failing && evidence.conclusive !== 'fail', `step ${before} was failing`)
    if (onInconclusive === 'advance') continue
    assert.equal(evidence.conclusive, 'pass', `step ${before} never passed a check`)
    assert.ok(evidence.attempts >= thresholds.minAttempts, `step ${before} passed on ${evidence.attempts} attempts`)
  }
}

/** Orders that were followed; those of one step when it is given. */
function orders(events: readonly RolloutEvent[], order: Order, step?: number): readonly RolloutEvent[] {
  let present = 0
  return events.filter((event) => {
    if (event.type === 'step-started') present = event.step
    if (event.type !== 'commanded' || event.objection !== null || event.command.order !== order) return false
    return step === undefined || step === present
  })
}

/** Nothing is raised while it is paused, within a freeze window, or before a gate has opened. */
export function heedsWhatKeepsIt(ended: Ended): void {
  const { plan } = ended
  for (const write of exposures(ended)) {
    const events = knownBefore(ended, write)
    const began = events.findLastIndex((event) => event.type === 'step-started')
    const start = events[began]
    if (start?.type !== 'step-started' || plan.intent !== 'raise') continue
    if (isAbove(write.configuration, write.believed ?? plan.before ?? write.configuration)) {
      assert.equal(
        frozenBy(plan.freeze, Date.parse(events.at(-1)?.time ?? start.time)),
        null,
        'raised within a freeze window',
      )
    }
    if (start.again || start.step === 0) continue
    const before = events.slice(0, began)
    const awake = before.findLastIndex((event) => event.type === 'resumed' && event.policy === 'continue')
    const pauses = orders(before.slice(awake + 1), 'pause').length - orders(before.slice(awake + 1), 'resume').length
    assert.ok(pauses <= 0, 'raised while it was paused')
    if (plan.steps[start.step - 1]?.gate === undefined) continue
    const isOpen = before.some((event) => event.type === 'gate-answered' && event.open && event.step === start.step - 1)
    assert.ok(isOpen || orders(before, 'promote', start.step - 1).length > 0, 'raised before the gate had opened')
  }
}

interface Reading {
  readonly counters: Counters
  readonly atMs: number
}

/** No data, old data or invalid data is never a pass. */
export function passesOnDataAlone({ plan, world }: Ended): void {
  let readings: readonly Reading[] = []
  // Of the whole step, through the deaths of processes but for what nobody saw.
  let step = { tally: ZERO, last: ZERO as Counters | null }
  for (const { event } of world.told) {
    const { atMs } = event
    switch (event.type) {
      case 'started':
      case 'resumed':
        readings = []
        step = { ...step, last: null }
        break
      case 'step-applied':
      case 'foreign-change-detected':
        readings = [{ counters: event.status.counters, atMs }]
        step = { tally: ZERO, last: event.status.counters }
        break
      case 'restart-detected':
        readings = [ZERO, event.status.counters].map((counters) => ({ counters, atMs }))
        step = { tally: event.status.counters, last: event.status.counters }
        break
      case 'checked':
        if (event.status === null) {
          assert.equal(event.check.verdict, 'error', 'a call that failed is an error and nothing else')
          break
        }
        readings = [...readings, { counters: event.status.counters, atMs }]
        step = { tally: grown(step, event.status.counters), last: event.status.counters }
        if (event.check.verdict === 'pass') assertPass(readings, step.tally, event.check, plan)
        break
      default:
    }
  }
}

/**
 * Judges again what a check may look at: spans between readings of the step that end within the window
 * and are no longer than it, or than two polls.
 */
function assertPass(
  readings: readonly Reading[],
  ofStep: Counters,
  check: Check,
  { thresholds, analysis }: RolloutPlan,
): void {
  const longestMs = Math.max(thresholds.windowMs, 2 * thresholds.pollIntervalMs)
  const gap = readings.findLastIndex(({ atMs }, index) => atMs - (readings[index - 1]?.atMs ?? atMs) > longestMs)
  const sampled = readings.slice(Math.max(gap, 0))
  const last = sampled.at(-1)
  assert.ok(last && sampled.length > 1, 'a pass on a reading that nothing known is to be compared with')
  const reach = sampled.slice(0, -1).filter((_, index) => {
    const endMs = sampled[index + 1]?.atMs
    return endMs !== undefined && endMs > last.atMs - thresholds.windowMs
  })
  const base = reach.findLast(({ counters }) => growth(counters, last.counters) >= thresholds.minAttempts)
  assert.ok(base, `a pass on fewer than ${thresholds.minAttempts} attempts`)
  assert.equal(check.attempts, growth(base.counters, last.counters))
  // Counted checks are judged each by its own attempts, sequential ones by all of the step.
  assertWithin(
    analysis.rule === 'counted' ? grown({ tally: ZERO, last: base.counters }, last.counters) : ofStep,
    thresholds,
  )
  const errors = last.counters.errors - (reach[0]?.counters.errors ?? 0)
  assert.ok(errors <= thresholds.maxRoutingErrors, 'a pass above the routing errors of the window')
}

/**
 * A server that asks for a pause is excused once for each valid reading, and no more: then nothing of what was known
 * changes. It is left alone for as long as it asks, a minute at most.
 */
export function excusesOnce({ plan, world }: Ended): void {
  let isExcused = false
  let before: RolloutState | null = null
  for (const [index, { event, state }] of world.told.entries()) {
    const next = world.told[index + 1]?.event
    if (event.type === 'throttled') {
      assert.ok(!isExcused, 'excused twice without a valid reading in between')
      isExcused = true
      const kept = ['failuresInRow', 'observedMs', 'stepTotal', 'lastConclusive', 'lastCheck', 'restarts'] as const
      for (const name of kept) assert.deepEqual(state[name], before?.[name], `${name} changed`)
      const pauseMs = Math.min(event.failure.retryAfterMs ?? 0, 60_000)
      const isReading = next && ['checked', 'measured', 'read-back', 'write-cleared', 'doubted'].includes(next.type)
      if (isReading) assert.ok(next.atMs - event.atMs >= pauseMs - 1, 'its pause was not kept')
    }
    if (event.type === 'resumed') isExcused = false
    if ('status' in event && event.status !== null && event.type !== 'write-cleared') isExcused = false
    if (event.type === 'checked' && event.status === null) assert.ok(state.failuresInRow > 0 || !plan.monitoring)
    before = state
  }
}

interface Growing {
  readonly tally: Counters
  /** Null: what comes next is not to be compared with what was before. */
  readonly last: Counters | null
}

function grown({ tally, last }: Growing, counters: Counters): Counters {
  const by = (name: keyof Counters): number => tally[name] + (last === null ? 0 : counters[name] - last[name])
  return { legacy: by('legacy'), unified: by('unified'), errors: by('errors'), fallbacks: by('fallbacks') }
}

function assertWithin(tally: Counters, thresholds: Thresholds): void {
  const attempts = growth(ZERO, tally)
  const percent = (part: number) => (part / attempts) * 100
  assert.ok(percent(tally.errors) <= thresholds.maxErrorRate, 'a pass above the error rate')
  assert.ok(percent(tally.fallbacks) <= thresholds.maxFallbackRate, 'a pass above the fallback rate')
  assert.ok(percent(tally.legacy + tally.unified) >= thresholds.minSuccessRate, 'a pass below the success rate')
}

/** After a breach nothing is raised again; the rollback is tried until verified or its time is up. */
export function rollsBackAfterBreach({ plan, world, state }: Ended): void {
  const events = world.told.map(({ event }) => event)
  const { outcome } = endOf(state)
  // What never reached the disk is not known to the process that takes up the run.
  if (world.journal.hasGaps && events.some(({ type }) => type === 'resumed')) return
  if (events.some(({ type }) => type === 'breached') && plan.onBreach === 'rollback') {
    assert.ok(outcome === 'rolled-back' || outcome === 'rollback-unverified', `a breach ended as ${outcome}`)
  }
  if (!events.some(({ type }) => type === 'rollback-started')) return
  const first = world.calls.findIndex(({ name }) => name === 'emergencyRollback')
  assert.ok(first >= 0, 'a rollback was decided and never tried')
  const calls = world.calls.slice(first)
  for (const { configuration } of calls.filter(isWrite)) assert.equal(configuration.mode, 'disabled')
  if (outcome === 'rollback-unverified') {
    const abandoned = events.findLastIndex(({ type }) => type === 'rollback-abandoned')
    // A process that takes up a rollback has the whole time again.
    const began = events.slice(0, abandoned).findLast(({ type }) => type === 'rollback-started' || type === 'resumed')
    const triedMs = (events[abandoned]?.atMs ?? 0) - (began?.atMs ?? 0)
    assert.ok(triedMs >= plan.rollbackTimeoutMs, `given up after ${triedMs} of ${plan.rollbackTimeoutMs} ms`)
    const last = calls.findLastIndex(({ name }) => name === 'emergencyRollback' || name === 'configure')
    assert.ok(
      calls.slice(last).some(({ name }) => name === 'readStatus'),
      'the last call was not read back',
    )
  }
  if (outcome === 'rolled-back' || (outcome === 'completed' && plan.intent === 'emergency')) {
    const verified = events.findLastIndex(({ type }) => type === 'rollback-verified')
    const proof = events.slice(0, verified).filter(({ type }) => type.startsWith('rollback-'))
    for (const event of proof.slice(-3)) {
      assert.ok(event.type === 'rollback-read' && event.status?.settings.mode === 'disabled', event.type)
    }
  }
}

/** Nobody's pin is lost: lists are written as long as the server says, or as they were before a restart forgot them. */
export function keepsPins(ended: Ended): void {
  const { plan, world } = ended
  for (const write of world.calls.filter(isWrite)) {
    const { configuration, believed } = write
    const written = [configuration.rolloutUsers.length, configuration.forceLegacyUsers.length] as const
    const said = lengths(believed ?? lastStatus(knownBefore(ended, write))?.settings ?? null, ended)
    if (hasRestarted(ended, write)) {
      assert.ok(written[0] >= said[0] && written[1] >= said[1], `${written.join()} written over ${said.join()}`)
      continue
    }
    // Testing is the one plan here that means to change a list.
    const isOfTesting = plan.command === 'deploy testing' && configuration.mode === 'testing'
    assert.deepEqual(written, isOfTesting ? [1, said[1]] : said)
  }
}

/** How long the lists are by the last word of the server, or by what was known before anything was read. */
function lengths(settings: ServerStatus['settings'] | null, { plan }: Ended): readonly [number, number] {
  if (settings) return [settings.explicitRolloutUsers, settings.forcedLegacyUsers]
  return [plan.before?.rolloutUsers?.length ?? 0, plan.before?.forceLegacyUsers?.length ?? 0]
}

/** What the run read last, whichever of its processes did. */
function lastStatus(events: readonly RolloutEvent[]): ServerStatus | null {
  return events.reduce<ServerStatus | null>((last, event) => ('status' in event ? (event.status ?? last) : last), null)
}

/** A foreign change is never overwritten upwards. */
export function neverOverwritesUpwards(ended: Ended): void {
  const { plan } = ended
  for (const write of exposures(ended)) {
    const { configuration, believed } = write
    if (believed === null || effectivePercentage(configuration) <= effectivePercentage(believed)) continue
    if (hasRestarted(ended, write)) continue
    const step = knownBefore(ended, write).findLast((event) => event.type === 'step-started')?.step ?? 0
    const own = [plan.steps[step - 1]?.target ?? plan.before, plan.steps[step]?.target]
    assert.ok(
      own.some((known) => known?.mode === believed.mode && known.percentage === believed.percentage),
      `${configuration.mode} ${configuration.percentage} was written over ${believed.mode} ${believed.percentage}`,
    )
  }
}

/** What has been decided is on disk before it is done; a failing journal forbids raising, never lowering. */
export function journalsFirst(ended: Ended): void {
  const { plan, world } = ended
  for (const call of world.calls) {
    if (call.name === 'readStatus' || call.name === 'clearCache') continue
    const isExposure = call.configuration !== null && call.configuration.mode !== 'disabled'
    if (call.journalFailures > 0) {
      assert.ok(!isExposure || plan.intent === 'lower', 'raised although the journal had failed')
      continue
    }
    const decision = onDisk(ended, call).findLast(({ type }) => type === 'step-started' || type === 'rollback-started')
    if (call.name === 'configure' && decision?.type === 'step-started') {
      assert.deepEqual(call.configuration, { ...plan.steps[decision.step]?.target, ...plan.pins })
    } else {
      assert.equal(decision?.type, 'rollback-started', `${call.name} without a decision on disk`)
    }
  }
}

/** Whatever is folded is the state of the run at that moment. */
export function foldsToTheLiveState({ world, state }: Ended): void {
  const { events, hasGaps } = world.journal
  const told = world.told.map(({ event }) => event)
  // What never reached the disk is not known to the process that takes up the run.
  if (hasGaps && told.some(({ type }) => type === 'resumed')) return
  const recorded = hasGaps ? told : events
  assert.deepEqual(fold(recorded), state)
  for (const { event, state: live } of world.told.filter((_, index) => index % 25 === 0)) {
    assert.deepEqual(fold(recorded.filter(({ seq }) => seq <= event.seq)), live)
  }
  const middle = world.told[Math.floor(world.told.length / 2)]
  if (middle === undefined) return
  const later = recorded.filter(({ seq }) => seq > middle.event.seq)
  assert.deepEqual(throughJson(later.reduce(evolve, throughJson(middle.state))), throughJson(state), 'from a snapshot')
}

/** As a snapshot on disk keeps it. */
function throughJson(state: RolloutState): RolloutState {
  return JSON.parse(JSON.stringify(state)) as RolloutState
}
