import { ConnectionRouter } from './connection-router.js'
import type { Faults } from './faults.js'
import { FeatureFlags, type Variables } from './feature-flags.js'
import type { Random } from './random.js'

/** One life of the server: its settings, counters and connections, all gone with a restart (fact 5). */
export class ServerProcess {
  readonly flags: FeatureFlags
  readonly router: ConnectionRouter

  constructor(variables: Variables, faults: () => Faults, random: Random) {
    this.flags = new FeatureFlags(variables)
    this.router = new ConnectionRouter(this.flags, faults, random)
  }

  /** The answer of stats, and `connection_statistics` of status. */
  describe(): object {
    const { legacy, unified } = this.router.systems
    return {
      router_stats: this.router.stats,
      feature_flags: this.flags.describe(),
      legacy_stats: legacy?.describe() ?? null,
      unified_stats: unified?.describe() ?? null,
    }
  }
}
