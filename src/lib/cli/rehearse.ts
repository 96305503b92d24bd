import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { evenSteps } from '../core/gradual-steps.js'
import { planGradual } from '../core/plan.js'
import type { RolloutState } from '../core/rollout.js'
import type { BaseCommand } from './base-command.js'
import { invocation } from './invocation.js'
import { openOperation, readBasis } from './operation.js'
import { runPlan } from './run-plan.js'
import { presetFaults } from './run-sandbox.js'

const ENVIRONMENT = `# WebSocket feature flags of the rehearsal
WEBSOCKET_UNIFIED_ENABLED=false
WEBSOCKET_GRADUAL_ROLLOUT_ENABLED=false
WEBSOCKET_ROLLOUT_PERCENTAGE=0
WEBSOCKET_ROLLOUT_USER_LIST=
WEBSOCKET_LEGACY_FALLBACK=true
WEBSOCKET_MIGRATION_MODE=disabled
WEBSOCKET_FORCE_LEGACY_USERS=
`

/** Short enough to be watched, long enough for thousands of attempts. */
const STEPS = evenSteps({ initialPercentage: 5, maxPercentage: 100, stepSize: 19, stepDurationMs: 4000 })
const USERS = 300
const PACE = { stayMs: 1500, awayMs: 500 }
const TOKEN = 'rehearsal'

/** A whole gradual rollout against a throw-away sandbox; nothing of it remains. */
export async function rehearse(command: BaseCommand, fault: string | undefined): Promise<void> {
  const faults = await presetFaults(fault)
  const folder = await mkdtemp(join(tmpdir(), 'wsctl-rehearsal-'))
  const environmentFile = join(folder, '.env')
  await writeFile(environmentFile, ENVIRONMENT)
  const { startSandbox } = await import('../sandbox/sandbox.js')
  const sandbox = await startSandbox({ users: USERS, pace: PACE, adminToken: TOKEN, environmentFile, faults })
  try {
    const operation = await openOperation(
      {
        server: sandbox.url,
        'env-file': environmentFile,
        'state-dir': join(folder, 'state'),
        state: '',
        'poll-interval': '500ms',
        'confirm-interval': '250ms',
      },
      { ...command.environment, variables: { ...command.environment.variables, WSCTL_TOKEN: TOKEN }, context: null },
    )
    const plan = planGradual(await readBasis(operation, 'rollback'), {
      steps: STEPS,
      monitoring: true,
      onInconclusive: 'extend',
    })
    await runPlan(
      command,
      operation,
      { ...plan, command: 'rehearse' },
      {
        advice: (ended) => adviceAfter(ended, invocation(process.argv[1] ?? '', process.cwd(), process.env)),
      },
    )
  } finally {
    await sandbox.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** @param wsctl how the program is called here */
function adviceAfter({ phase }: RolloutState, wsctl: string): readonly string[] {
  const isClean = phase.name === 'finished' && phase.outcome === 'completed'
  return [
    isClean ? `to see a rollback: ${wsctl} rehearse --fault unified-errors` : `to see a clean one: ${wsctl} rehearse`,
    'against a real server, first: export WSCTL_SERVER=https://chat.example.com WSCTL_TOKEN=…',
    `then: ${wsctl} status`,
    `then: ${wsctl} deploy testing --test-users user1 user2`,
    `then: ${wsctl} deploy gradual --max-percentage 50`,
  ]
}
