import type { WebSocket } from 'ws'

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

/** The new system: one connection a user, and a limit beyond which it turns users away. */
export class UnifiedSystem {
  private readonly open = new Map<string, { readonly socket: WebSocket; readonly connectedAt: Date }>()
  private readonly bornMs = performance.now()

  constructor(private readonly maxConnections = 500) {}

  /** Whether there is room: a user who is connected already takes their own place again. */
  accepts(userId: string): boolean {
    return this.open.has(userId) || this.open.size < this.maxConnections
  }

  connect(userId: string, socket: WebSocket): void {
    const earlier = this.open.get(userId)
    this.open.set(userId, { socket, connectedAt: new Date() })
    earlier?.socket.close(CLOSE_REPLACED, 'replaced by a newer connection')
    socket.once('close', () => {
      if (this.open.get(userId)?.socket === socket) this.open.delete(userId)
    })
  }

  get size(): number {
    return this.open.size
  }

  describe(): object {
    return {
      total_connections: this.size,
      max_connections: this.maxConnections,
      total_messages_sent: 0,
      total_events_processed: 0,
      event_queue_size: 0,
      uptime_seconds: Math.round(performance.now() - this.bornMs) / 1000,
      background_services_running: this.size > 0,
      connection_details: Object.fromEntries(
        [...this.open].map(([userId, { connectedAt }]) => [
          userId,
          {
            username: userId,
            is_admin: false,
            connected_at: connectedAt.toISOString(),
            status: 'connected',
            is_healthy: true,
          },
        ]),
      ),
      session_stats: {
        active_sessions: this.size,
        failed_attempts: 0,
        locked_ips: 0,
        session_details: Object.fromEntries(
          [...this.open].map(([userId, { connectedAt }]) => [
            userId,
            { created_at: connectedAt.toISOString(), is_admin: false },
          ]),
        ),
      },
    }
  }
}
