import { Writable } from 'node:stream'
import type { CallFailure } from '../../src/lib/core/error.js'
import { stamp } from '../../src/lib/core/decide.js'
import type { EventBody, RolloutEvent } from '../../src/lib/core/event.js'
import { begin, evolve } from '../../src/lib/core/evolve.js'
import type { RolloutPlan, RolloutState } from '../../src/lib/core/rollout.js'
import type { ServerStatus, Settings } from '../../src/lib/core/server.js'
import { startRollout } from '../../src/lib/engine/run-rollout.js'
import type { Ticker } from '../../src/lib/render/ticker.js'
import { FRESH_SETTINGS } from './fakes.js'
import type { Scene } from './rollouts.js'

/** An event and the state after it: what a sink is told. */
export interface Told {
  readonly event: RolloutEvent
  readonly state: RolloutState
}

const START_MS = Date.UTC(2026, 10, 24, 9)

/** Hand-made events, one a second, folded as the core folds them. */
export class Story {
  readonly told: Told[] = []

  constructor(plan: RolloutPlan, operator = 'tester') {
    const at = { atMs: 0, time: new Date(START_MS).toISOString() }
    const event = stamp({ type: 'started', plan, operator } as const, 1, at)
    this.told.push({ event, state: begin(event) })
  }

  get last(): Told {
    const last = this.told.at(-1)
    if (last === undefined) throw new RangeError('a story begins with its first event')
    return last
  }

  get state(): RolloutState {
    return this.last.state
  }

  then(...bodies: readonly EventBody[]): this {
    for (const body of bodies) {
      const { state } = this
      const atMs = state.atMs + 1000
      const event = stamp(body, state.seq + 1, { atMs, time: new Date(START_MS + atMs).toISOString() })
      this.told.push({ event, state: evolve(state, event) })
    }
    return this
  }
}

/** A whole run on a fake clock against a fake server, as its sink was told it. */
export async function recordedRun(scene: Scene, plan: RolloutPlan): Promise<readonly Told[]> {
  const told: Told[] = []
  const sink = {
    notify: (event: RolloutEvent, state: RolloutState) => void told.push({ event, state }),
    close: () => undefined,
  }
  await startRollout(plan, 'tester', { ...scene.ports, sink })
  return told
}

export function serverStatus(settings: Partial<Settings> = {}, change: Partial<ServerStatus> = {}): ServerStatus {
  return {
    settings: { ...FRESH_SETTINGS, ...settings },
    counters: { legacy: 0, unified: 0, errors: 0, fallbacks: 0 },
    open: { legacy: 12, unified: 3 },
    ...change,
  }
}

export function failure(message: string): CallFailure {
  return { kind: 'server-error', status: 500, message }
}

/** Moves the cursor, sets the window title, rings, reverses the line and begins a new one. */
export const HOSTILE = 'up\u001B[2A\u001B]0;owned\u0007 \u009B31mred\r\nnext\u202Ereversed\u0000\u0008'

/** Whether text could do more to a terminal than print. */
export function hasControls(text: string): boolean {
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)
}

/** Keeps what is written to it. */
export class Paper extends Writable {
  text = ''

  get lines(): readonly string[] {
    return this.text.split('\n').slice(0, -1)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.text += chunk.toString()
    callback()
  }
}

/** Paper that looks like a terminal of a given size. */
export class FakeTerminal extends Paper {
  readonly isTTY = true

  constructor(
    public columns = 80,
    public rows = 40,
  ) {
    super()
  }

  cursorTo(x: number): void {
    this.write(`\u001B[${x + 1}G`)
  }

  moveCursor(_dx: number, dy: number): void {
    this.write(`\u001B[${-dy}A`)
  }

  clearLine(): void {
    this.write('\u001B[0K')
  }

  resize(columns: number): void {
    this.columns = columns
    this.emit('resize')
  }

  /** What was written since the last call. */
  takeText(): string {
    const { text } = this
    this.text = ''
    return text
  }
}

/** Ticks when told to. */
export class FakeTicker {
  private callBack: (() => void) | null = null

  readonly start: Ticker = (_everyMs, callBack) => {
    this.callBack = callBack
    return () => {
      this.callBack = null
    }
  }

  get isTicking(): boolean {
    return this.callBack !== null
  }

  tick(): void {
    this.callBack?.()
  }
}
