import { Flags } from '@oclif/core'
import { BaseCommand } from '../lib/cli/base-command.js'
import { faultsOf, runSandbox } from '../lib/cli/run-sandbox.js'
import { parseOptions, sandboxOptionsSchema } from '../lib/contract/options.js'

export default class Sandbox extends BaseCommand {
  static override summary = 'Run a local server with this admin API and real WebSocket users, for rehearsal'
  static override description = `Listens on loopback alone, until it is stopped. Faults can be switched on while it runs:
POST /__sandbox__/faults, POST /__sandbox__/restart.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --port 8000',
    {
      description: 'Half of the unified connections fail from 20 % on',
      command: '<%= config.bin %> <%= command.id %> --fault unified-errors',
    },
    {
      description: 'Few users who come and go quickly',
      command: '<%= config.bin %> <%= command.id %> --users 50 --stay 2s --away 500ms',
    },
  ]
  static override flags = {
    port: Flags.string({ default: '8000', helpValue: 'PORT', description: 'port on 127.0.0.1; 0: any that is free' }),
    users: Flags.string({ default: '500', helpValue: 'COUNT', description: 'simulated users' }),
    stay: Flags.string({
      default: '15s',
      helpValue: 'DURATION',
      description: 'how long a user stays connected, on average',
    }),
    away: Flags.string({
      default: '2500ms',
      helpValue: 'DURATION',
      description: 'how long a user is away, on average',
    }),
    fault: Flags.string({ helpValue: 'NAME', description: 'something that goes wrong, by name' }),
    'fail-probability': Flags.string({ helpValue: '0-1', description: 'share of unified connections that fail' }),
    'refuse-probability': Flags.string({
      helpValue: '0-1',
      description: 'share of unified connections turned away without an error',
    }),
    'from-percentage': Flags.string({ helpValue: 'PERCENT', description: 'percentage from which they do' }),
    'no-fallback': Flags.boolean({ description: 'legacy does not take what fails' }),
    api: Flags.option({
      options: ['error', 'busy', 'hang', 'truncated', 'html'] as const,
      description: 'what the admin API does instead of answering',
    })(),
    'restart-after': Flags.string({ helpValue: 'DURATION', description: 'restart the server process once' }),
    'rate-limit': Flags.string({ helpValue: 'COUNT', description: 'requests a minute that it takes' }),
    'admin-path': Flags.string({
      default: '/api/websocket-admin',
      helpValue: 'PATH',
      description: 'where the admin API is mounted',
    }),
    'stats-path': Flags.string({
      default: '/api/websocket/stats',
      helpValue: 'PATH',
      description: 'where the counters are',
    }),
    token: Flags.string({
      default: 'sandbox',
      helpValue: 'TEXT',
      description: 'the admin token that it takes; it guards nothing',
    }),
    seed: Flags.string({ default: '1', helpValue: 'NUMBER', description: 'of everything that is left to chance' }),
    'env-file': Flags.string({
      helpValue: 'FILE',
      description: 'environment file that the server process starts with',
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Sandbox)
    const settings = parseOptions(sandboxOptionsSchema, {
      port: flags.port,
      users: flags.users,
      stay: flags.stay,
      away: flags.away,
      failProbability: flags['fail-probability'],
      refuseProbability: flags['refuse-probability'],
      fromPercentage: flags['from-percentage'],
      rateLimit: flags['rate-limit'],
      restartAfter: flags['restart-after'],
      seed: flags.seed,
    })
    await runSandbox(this, settings, flags, await faultsOf(flags, settings))
  }
}
