/** What a gradual rollout sets out to do. */
import { Flags } from '@oclif/core'
import { INCONCLUSIVE_POLICIES } from '../../core/rollout.js'
import { analysisFlags, safeguardFlags, thresholdFlags } from './judging.js'
import { onInterruptFlag, pinFlags } from './run.js'
import { environmentFlags } from './server.js'

/** What a gradual rollout sets out to do. */
export const gradualFlags = {
  plan: Flags.string({
    helpValue: 'FILE',
    description: 'take steps, limits and policies from a plan file; what is typed here beats it',
    exclusive: ['steps', 'initial-percentage', 'max-percentage', 'step-size'],
  }),
  steps: Flags.string({
    helpValue: 'PERCENT,…',
    description: 'rising percentages one by one, such as 1,2,5,10,25,50,100',
    exclusive: ['initial-percentage', 'max-percentage', 'step-size'],
  }),
  'initial-percentage': Flags.string({ default: '5', helpValue: 'PERCENT', description: 'where to start' }),
  'max-percentage': Flags.string({ default: '100', helpValue: 'PERCENT', description: 'where to stop' }),
  'step-size': Flags.string({ default: '5', helpValue: 'PERCENT', description: 'how much each step adds' }),
  'step-duration': Flags.string({
    default: '30',
    helpValue: 'DURATION',
    description: 'observation of each step; a bare number is minutes',
  }),
  'no-monitoring': Flags.boolean({ description: 'wait the steps out without judging them: nothing will roll back' }),
}

export const onInconclusiveFlag = {
  'on-inconclusive': Flags.option({
    options: INCONCLUSIVE_POLICIES,
    default: 'extend',
    description: 'what to do when a step ends with too little traffic to judge',
  })(),
}

export const resumeFlag = {
  resume: Flags.boolean({
    description: 'go on with the rollout that was left: see rollout resume',
    // Its plan has settled all of this already. A plan file is compared with it, and told where it differs.
    exclusive: [
      ...Object.keys({ ...gradualFlags, ...onInconclusiveFlag, ...onInterruptFlag }).filter((name) => name !== 'plan'),
      ...Object.keys({ ...thresholdFlags, ...analysisFlags, ...safeguardFlags, ...pinFlags, ...environmentFlags }),
      'rollback-timeout',
    ],
  }),
}
