/** What has to be true of a migration, phase by phase, after the deployment guide's checklist. */

export const CHECKLIST_PHASES = [
  'pre-deployment',
  'testing',
  'gradual-rollout',
  'full-deployment',
  'post-deployment',
] as const
export type ChecklistPhase = (typeof CHECKLIST_PHASES)[number]

/** Every item, in the order in which a migration meets them. */
export const CHECKLIST = [
  item('pre-deployment', 'tested-in-development', 'The release that will run was tried in development'),
  item('pre-deployment', 'staging-validated', 'Staging runs it with the settings of production'),
  item('pre-deployment', 'monitoring-ready', 'The server is watched, and its counters can be judged'),
  item('pre-deployment', 'rollback-practised', 'Taking everybody back was practised, if only on a sandbox'),
  item('pre-deployment', 'team-told', 'Everybody concerned knows the hours'),
  item('pre-deployment', 'configuration-copied', 'There is a copy of the configuration to go back to'),
  item('testing', 'test-users-moved', 'Named test users are on the unified system'),
  item('testing', 'unified-works', 'The unified system does for them what legacy did'),
  item('testing', 'subscriptions-work', 'Subscribing and unsubscribing work'),
  item('testing', 'filters-work', 'Each of them gets the events asked for, and no others'),
  item('testing', 'performance-measured', 'Latency, memory and CPU were looked at with them on'),
  item('testing', 'fallback-works', 'Legacy takes over where the unified system fails'),
  item('gradual-rollout', 'started-small', 'The first step moved a tenth of the users or fewer'),
  item('gradual-rollout', 'steps-long-enough', 'Every step was observed for half an hour or more'),
  item('gradual-rollout', 'rates-judged', 'The rates were judged at every step'),
  item('gradual-rollout', 'users-content', 'Users notice nothing, or something better'),
  item('gradual-rollout', 'raised-in-steps', 'Each percentage followed from one that had passed'),
  item('gradual-rollout', 'oddities-noted', 'What was odd on the way is written down'),
  item('full-deployment', 'everybody-moved', 'All users are on the unified system'),
  item('full-deployment', 'stable-at-full', 'It stayed calm with everybody on it'),
  item('full-deployment', 'features-work', 'Every feature was tried with everybody on it'),
  item('full-deployment', 'resources-suffice', 'Memory, CPU and network have room left'),
  item('full-deployment', 'fallback-on', 'Legacy stands by as the fallback'),
  item('full-deployment', 'documentation-updated', 'The documentation tells how it is now'),
  item('post-deployment', 'watched-for-days', 'The server was watched for a day or two at full'),
  item('post-deployment', 'performance-compared', 'Performance was compared with the time before'),
  item('post-deployment', 'users-asked', 'Users and support were asked'),
  item('post-deployment', 'lessons-written', 'What was learnt is written down'),
  item('post-deployment', 'legacy-planned', 'It is planned when legacy goes'),
  item('post-deployment', 'procedures-updated', 'Runbooks and procedures fit the new system'),
] as const

export type ChecklistItem = (typeof CHECKLIST)[number]
export type ChecklistItemId = ChecklistItem['id']

function item<const P extends ChecklistPhase, const I extends string>(phase: P, id: I, text: string) {
  return { phase, id, text } as const
}
