import type { HealthAnswer, StatsAnswer } from '../contract/admin-api.js'
import type { AxiosAdminApi } from './axios-admin-api.js'
import { FleetServer, type FleetOptions } from './fleet-server.js'
import type { TokenSource } from './token-source.js'

/** The admin APIs of several servers. The same token goes to each of them, and to nobody else. */
export class AxiosFleet extends FleetServer<AxiosAdminApi> {
  constructor(
    options: FleetOptions<AxiosAdminApi>,
    readonly tokens: TokenSource,
  ) {
    super(options)
  }

  /** Requests so far to the one that got the most: each server takes so many a minute. */
  get sent(): number {
    return Math.max(0, ...this.servers.map((server) => this.member(server).sent))
  }

  /** The counters of all together; settings are those of one of them. */
  async stats(signal?: AbortSignal): Promise<StatsAnswer> {
    const answers = (await this.askAll((member) => member.stats(signal))).map(({ value }) => value)
    const [first] = answers
    if (first === undefined) throw new RangeError('a fleet has servers')
    const total = (pick: (stats: StatsAnswer) => number): number => answers.reduce((sum, stats) => sum + pick(stats), 0)
    const open = (pick: (stats: StatsAnswer) => StatsAnswer['legacy_stats']): StatsAnswer['legacy_stats'] => {
      const known = answers.flatMap((stats) => pick(stats) ?? [])
      return known.length === 0
        ? null
        : { total_connections: known.reduce((sum, { total_connections }) => sum + total_connections, 0) }
    }
    return {
      router_stats: {
        legacy_connections: total(({ router_stats }) => router_stats.legacy_connections),
        unified_connections: total(({ router_stats }) => router_stats.unified_connections),
        routing_errors: total(({ router_stats }) => router_stats.routing_errors),
        fallback_activations: total(({ router_stats }) => router_stats.fallback_activations),
      },
      feature_flags: first.feature_flags,
      legacy_stats: open(({ legacy_stats }) => legacy_stats),
      unified_stats: open(({ unified_stats }) => unified_stats),
    }
  }

  /** Healthy when all are; what is wrong names the server. Fails only when none of them answers. */
  async health(signal?: AbortSignal): Promise<HealthAnswer> {
    const silent: string[] = []
    const answers = await this.askAll((member) => member.health(signal), {
      onFailure: (server, { message }) => silent.push(`${server} does not answer: ${message}`),
    })
    const total = (pick: (health: HealthAnswer) => number): number =>
      answers.reduce((sum, { value }) => sum + pick(value), 0)
    return {
      health_status:
        silent.length > 0 || answers.some(({ value }) => value.health_status === 'degraded') ? 'degraded' : 'healthy',
      issues: [
        ...silent,
        ...answers.flatMap(({ server, value }) => value.issues.map((issue) => `${server}: ${issue}`)),
      ],
      connection_summary: {
        total_connections: total(({ connection_summary: { total_connections } }) => total_connections),
        legacy_connections: total(({ connection_summary: { legacy_connections } }) => legacy_connections),
        unified_connections: total(({ connection_summary: { unified_connections } }) => unified_connections),
      },
      error_summary: {
        routing_errors: total(({ error_summary: { routing_errors } }) => routing_errors),
        fallback_activations: total(({ error_summary: { fallback_activations } }) => fallback_activations),
      },
    }
  }
}
