/** What the environment file and the records of earlier runs say. */
import { WsctlError } from './error.js'
import { settingsOf } from './preflight-facts.js'
import type { RolloutState } from './rollout.js'
import { describeSettings, effectivePercentage, type Settings } from './server.js'
import type { FileFacts, Trouble, TroubleFacts } from './trouble.js'

export function recordTroubles(facts: TroubleFacts): readonly Trouble[] {
  return [...leftRuns(facts), environmentFile(facts), lastRun(facts)].flatMap((trouble) =>
    trouble === null ? [] : [trouble],
  )
}

function leftRuns({ leftRuns: left }: TroubleFacts): readonly Trouble[] {
  return left.map(({ id, command, state }) => ({
    trouble: 'left-run',
    level: 'problem',
    title: `a run was left without a process: ${command}`,
    evidence: [`${id}: ${state}`],
    advice: ['nobody watches the server at the percentage where it stands'],
    next: [
      `to take it up again: wsctl rollout resume ${id}`,
      `to see how far it came: wsctl history ${id}`,
      'to take everybody back: wsctl rollback emergency',
    ],
  }))
}

function environmentFile(facts: TroubleFacts): Trouble | null {
  const file = facts.environmentFile
  if (file === null) return null
  const common = { trouble: 'environment-file', level: 'problem' } as const
  if (file instanceof WsctlError) {
    return {
      ...common,
      title: "the server's environment file cannot be read",
      evidence: [file.message],
      advice: file.suggestions,
      next: [],
    }
  }
  const show = `to see all of it: wsctl env show --env-file ${file.path}`
  if (file.problems.length > 0) {
    return {
      ...common,
      title: 'the environment file holds what the server makes nothing of',
      evidence: file.problems.map((problem) => `${file.path}, ${problem}`),
      advice: [
        'the server reads it at its next start; with a mode that it does not know, every status call answers 500',
      ],
      next: [`to set a mode that it knows: wsctl env set --env-file ${file.path} --mode disabled`, show],
    }
  }
  const settings = settingsOf(facts)
  if (settings === null) return null
  const differences = [...modeDifference(file, settings), ...listDifferences(file, settings)]
  if (differences.length === 0) return null
  const present = `--mode ${settings.mode} --percentage ${settings.percentage}`
  // A run raises its file only once a step has passed, so until then it has to differ.
  const isExpected = facts.lockHolder !== null && !isAbove(file, settings)
  return {
    ...common,
    level: isExpected ? 'notice' : 'problem',
    title: isExpected
      ? 'the environment file is behind the server, as it is while a run is at work'
      : 'the environment file says something else than the server',
    evidence: differences,
    advice: [
      'the server falls back to this file when it restarts, and takes users along',
      'where the server is right, let the file follow; where the file is right, take the server there first',
    ],
    next: [`where the server is right: wsctl env set --env-file ${file.path} ${present}`, show],
  }
}

function modeDifference(file: FileFacts, settings: Settings): readonly string[] {
  const { mode, percentage } = file
  if (mode === null) return []
  const inForce = { mode, percentage: percentage ?? 0 }
  if (mode === settings.mode && (mode !== 'gradual' || inForce.percentage === settings.percentage)) return []
  const [now, then] = [effectivePercentage(settings), effectivePercentage(inForce)]
  const effect =
    then === now
      ? ''
      : `; a restart would ${then > now ? 'send more users to unified' : 'take users back'}: ${now} % now, ${then} % then`
  return [`${file.path} says ${describeSettings(inForce)}, the server ${describeSettings(settings)}${effect}`]
}

function listDifferences({ path, rolloutUsers, forceLegacyUsers }: FileFacts, settings: Settings): readonly string[] {
  const difference = (name: string, inFile: number | null, onServer: number): readonly string[] =>
    inFile === null || inFile === onServer
      ? []
      : [
          `${path} names ${inFile} on the ${name} list, the server has ${onServer}; a restart would change who is pinned`,
        ]
  return [
    ...difference('rollout', rolloutUsers, settings.explicitRolloutUsers),
    ...difference('force-legacy', forceLegacyUsers, settings.forcedLegacyUsers),
  ]
}

function isAbove({ mode, percentage }: FileFacts, settings: Settings): boolean {
  return mode !== null && effectivePercentage({ mode, percentage: percentage ?? 0 }) > effectivePercentage(settings)
}

function lastRun(facts: TroubleFacts): Trouble | null {
  const state = facts.lastRun
  if (state?.phase.name !== 'finished') return null
  const { outcome, reason, code } = state.phase
  const { id, command } = state.plan
  const evidence = [`${command} (${id}) ended ${state.endedAt ?? ''}: ${reason}`]
  const story = `to see it line by line: wsctl history ${id}`
  const settings = settingsOf(facts)
  switch (outcome) {
    case 'rollback-unverified': {
      const isBack = settings?.mode === 'disabled'
      return {
        trouble: 'rollback-unverified',
        level: isBack ? 'notice' : 'problem',
        title: isBack
          ? 'the last rollback could not be verified, but the server says disabled now'
          : 'the last rollback could not be verified: users may still be on the unified system',
        evidence: [
          ...evidence,
          settings === null ? 'the server cannot be read now' : `now it says ${describeSettings(settings)}`,
        ],
        advice: ['do not start again before the server has been read back as disabled'],
        next: ['to try again: wsctl rollback emergency --reason "the last one was not verified"', story],
      }
    }
    case 'held':
      return {
        trouble: 'held',
        level: 'notice',
        title: 'the last run was held on its way',
        evidence,
        advice:
          code === 'inconclusive'
            ? ['too few users connected to judge a step: take longer steps, or wait for busier hours']
            : ['the percentage stays where it is until somebody goes on, or takes users back'],
        next: [...goOn(state, settings), story],
      }
    case 'rolled-back':
      return {
        trouble: 'rolled-back',
        level: 'notice',
        title: 'the last run was rolled back',
        evidence,
        advice: ['find the cause before you start again, and start with test users'],
        next: [story, 'then with test users: wsctl deploy testing --test-users user1 user2'],
      }
    default:
      return null
  }
}

function goOn({ plan }: RolloutState, settings: Settings | null): readonly string[] {
  if (settings?.mode !== 'gradual' || plan.command !== 'deploy gradual') return []
  const max = Math.max(...plan.steps.map(({ percentage }) => percentage))
  return [`to go on: wsctl deploy gradual --initial-percentage ${settings.percentage} --max-percentage ${max}`]
}
