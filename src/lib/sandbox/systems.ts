import { performance } from 'node:perf_hooks'
import { randomBytes } from 'node:crypto'
import type { WebSocket } from 'ws'
import { timestamp } from './answers.js'

/** Why a system closes a connection: codes of the range that is free for applications. */
const CLOSE_REPLACED = 4000

const EVENTS = [
  'health_update',
  'health_alert',
  'forwarder_status_change',
  'zone_created',
  'zone_updated',
  'zone_deleted',
  'record_created',
  'record_updated',
  'record_deleted',
  'security_alert',
  'rpz_update',
  'threat_detected',
  'system_status',
  'bind_reload',
  'config_change',
  'user_login',
  'user_logout',
  'session_expired',
]

/** What a new connection is told about. */
const SUBSCRIPTIONS = [
  'ping',
  'pong',
  'connection_established',
  'subscription_updated',
  'health_update',
  'zone_created',
  'zone_updated',
  'zone_deleted',
  'record_created',
  'record_updated',
  'record_deleted',
  'security_alert',
  'rpz_update',
  'threat_detected',
  'system_status',
  'bind_reload',
  'config_change',
]

/** The old system: several connections a user. */
export class LegacySystem {
  private readonly open = new Map<WebSocket, string>()

  connect(userId: string, socket: WebSocket): void {
    this.open.set(socket, userId)
    socket.once('close', () => this.open.delete(socket))
  }

  get size(): number {
    return this.open.size
  }

  describe(): object {
    const counts: Record<string, number> = {}
    for (const userId of this.open.values()) counts[userId] = (counts[userId] ?? 0) + 1
    return {
      total_users: Object.keys(counts).length,
      total_connections: this.size,
      connection_types: this.size === 0 ? {} : { system: this.size },
      user_counts: counts,
      max_connections_per_user: 5,
      max_total_connections: 100,
      background_services_running: false,
      supported_events: EVENTS,
      supported_connection_types: ['health', 'dns_management', 'security', 'system', 'admin'],
    }
  }
}

/** One user on the new system. */
interface UnifiedConnection {
  readonly socket: WebSocket
  /** Number of the user, in the order in which they first came. */
  readonly number: number
  /** Short, as in the real server's log. */
  readonly id: string
  readonly since: Date
}

/** The new system: one connection a user, and a limit beyond which it turns users away. */
export class UnifiedSystem {
  private readonly open = new Map<string, UnifiedConnection>()
  private readonly numbers = new Map<string, number>()
  private readonly bornMs = performance.now()

  constructor(private readonly maxConnections = 500) {}

  /** Whether there is room: a user who is connected already takes their own place again. */
  accepts(userId: string): boolean {
    return this.open.has(userId) || this.open.size < this.maxConnections
  }

  connect(userId: string, socket: WebSocket): void {
    const earlier = this.open.get(userId)
    const number = this.numbers.get(userId) ?? this.numbers.size + 1
    this.numbers.set(userId, number)
    this.open.set(userId, { socket, number, id: randomBytes(4).toString('hex'), since: new Date() })
    earlier?.socket.close(CLOSE_REPLACED, 'replaced by a newer connection')
    socket.once('close', () => {
      if (this.open.get(userId)?.socket === socket) this.open.delete(userId)
    })
  }

  get size(): number {
    return this.open.size
  }

  describe(): object {
    const users = [...this.open]
    return {
      total_connections: this.size,
      max_connections: this.maxConnections,
      total_messages_sent: 0,
      total_events_processed: 0,
      event_queue_size: 0,
      uptime_seconds: secondsSince(this.bornMs),
      background_services_running: this.size > 0,
      connection_details: Object.fromEntries(users.map(([name, user]) => [name, describeConnection(name, user)])),
      session_stats: {
        active_sessions: this.size,
        failed_attempts: 0,
        locked_ips: 0,
        session_details: Object.fromEntries(
          users.map(([name, { since }]) => [
            name,
            { created_at: timestamp(since), last_activity: timestamp(since), is_admin: false },
          ]),
        ),
      },
    }
  }
}

/** A user who connected and has said nothing since. */
function describeConnection(username: string, { number, id, since }: UnifiedConnection): object {
  const time = timestamp(since)
  const age = Math.round(Date.now() - since.getTime()) / 1000
  const traffic = { error_count: 0, consecutive_errors: 0, message_count: 1, queue_size: 0, queue_capacity: 100 }
  return {
    user_id: number,
    username,
    is_admin: false,
    connected_at: time,
    last_ping: time,
    last_pong: time,
    last_activity: time,
    ...traffic,
    status: 'connected',
    subscriptions: SUBSCRIPTIONS,
    connection_id: id,
    health_status: {
      is_healthy: true,
      status: 'connected',
      connection_duration: age,
      last_ping_ago: age,
      last_pong_ago: age,
      last_activity_ago: age,
      ...traffic,
      error_rate_per_minute: 0,
      connection_id: id,
    },
    is_healthy: true,
  }
}

function secondsSince(ms: number): number {
  return Math.round(performance.now() - ms) / 1000
}
