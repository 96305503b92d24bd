import WebSocket from 'ws'
import { around, type Random } from './random.js'

export interface Pace {
  /** How long a user stays connected, ms on average. */
  readonly stayMs: number
  /** How long a user is away before connecting again, ms on average. */
  readonly awayMs: number
}

/** The longest that a timer can count, ms: one that is set to more rings at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Users `user1` to `userN`: each a real WebSocket client that connects, stays, drops and comes back. */
export class SimulatedUsers {
  private readonly sockets = new Set<WebSocket>()
  private readonly timers = new Set<NodeJS.Timeout>()
  private open = 0
  private isStopped = false

  constructor(
    private readonly endpoint: string,
    private readonly pace: Pace,
    private readonly random: Random,
  ) {}

  /** How many are connected now. */
  get connected(): number {
    return this.open
  }

  /** Starts the users, spread over one round of staying and being away. */
  start(count: number): void {
    const roundMs = this.pace.stayMs + this.pace.awayMs
    for (let index = 1; index <= count; index++) {
      this.after(this.random() * roundMs, () => this.connect(`user${index}`))
    }
  }

  stop(): void {
    this.isStopped = true
    for (const timer of this.timers) clearTimeout(timer)
    for (const socket of this.sockets) socket.terminate()
  }

  private connect(userId: string): void {
    const socket = new WebSocket(`${this.endpoint}?user=${encodeURIComponent(userId)}`)
    this.sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('open', () => {
      this.open += 1
      socket.once('close', () => {
        this.open -= 1
      })
      this.after(around(this.pace.stayMs, this.random), () => socket.close())
    })
    socket.once('close', () => {
      this.sockets.delete(socket)
      this.after(around(this.pace.awayMs, this.random), () => this.connect(userId))
    })
  }

  private after(ms: number, act: () => void): void {
    if (this.isStopped) return
    const timer = setTimeout(
      () => {
        this.timers.delete(timer)
        act()
      },
      Math.min(ms, LONGEST_TIMER_MS),
    )
    this.timers.add(timer)
  }
}
