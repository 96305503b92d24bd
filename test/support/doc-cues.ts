/** What single lines of the documentation need, besides what the lines before them have left. */
import type { Cue, DocScene } from './doc-scenes.js'

/** How a page is followed. */
interface Script {
  /** Of all its lines. */
  readonly variables?: (scene: DocScene) => Readonly<Record<string, string>>
  /** In the order of the page. */
  readonly cues: readonly Cue[]
}

const raised = (scene: DocScene): Promise<void> => scene.put('gradual', 50)
const left = (scene: DocScene): Promise<void> => scene.leaveRun()
const elsewhere = {
  before: (scene: DocScene): Promise<void> => scene.mountElsewhere(),
  variables: (scene: DocScene): Readonly<Record<string, string>> => scene.mountedElsewhere,
}

/** By the name of the page; one that is not here needs nothing. */
export const SCRIPTS: Readonly<Partial<Record<string, Script>>> = {
  'README.md': {
    cues: [
      // From here on its three users are on the list of the server.
      { line: 'wsctl user user1 user4', before: async (scene) => scene.keep(['user1', 'user2', 'user3'], []) },
      { line: 'wsctl deploy gradual --initial-percentage 5 --max-percentage 50' },
      { line: 'wsctl deploy gradual --initial-percentage 5 --max-percentage 50', code: 10 },
      {
        line: 'wsctl deploy gradual --max-percentage 50',
        before: async (scene) => {
          scene.live.sandbox.setFaults({})
          await scene.forget()
          await scene.put('disabled', 0, [['user1', 'user2'], ['user7']])
        },
        code: 13,
      },
      {
        line: 'wsctl deploy gradual --max-percentage 50 --step-size 15',
        before: (scene) => scene.put('disabled', 0, [['user1', 'user2', 'user5'], ['user7']]),
      },
      {
        line: '#!/bin/sh',
        before: (scene) => scene.put('gradual', 5, [['user1', 'user2'], ['user7']]),
      },
    ],
  },
  'docs/contexts.md': {
    // The address and the token come from the contexts.
    variables: () => ({ WSCTL_SERVER: '', WSCTL_TOKEN: '', ADMIN_TOKEN: '' }),
    cues: [],
  },
  'docs/guide.md': {
    variables: (scene) => ({ WSCTL_ENV_FILE: scene.at('chat.env') }),
    cues: [
      { line: 'wsctl user user1', before: async (scene) => scene.keep(['user1', 'user2', 'user3'], []) },
      { line: 'wsctl rollback gradual --step 10', before: raised },
      { line: 'wsctl rollback gradual --to 20', before: raised },
      { line: 'wsctl rollback gradual --step 25', before: raised },
      { line: 'wsctl rollback emergency --reason "routing errors"', before: raised },
      { line: 'wsctl status --admin-path', ...elsewhere },
      { line: 'wsctl stats --stats-path', ...elsewhere },
      {
        line: 'wsctl rollout resume',
        before: async (scene) => {
          scene.keep(['user1', 'user2'], [])
          await scene.leaveRun()
        },
      },
    ],
  },
  'docs/pipelines.md': {
    cues: [
      { line: 'wsctl status --wait-for mode=full', before: (scene) => scene.put('full', 100) },
      { line: 'wsctl status --wait-for mode=gradual', before: raised },
      { line: 'wsctl status --wait-for unified-open=0', before: (scene) => scene.put('disabled', 0) },
      { line: 'wsctl rollout resume', before: left },
    ],
  },
  'docs/plan-files.md': {
    cues: [
      { line: 'wsctl deploy gradual --plan rollout.yaml --dry-run' },
      // Its steps last hours, and wait for people.
      {
        line: 'wsctl deploy gradual --plan rollout.yaml',
        instead: 'wsctl deploy gradual --plan rollout.yaml --dry-run',
      },
    ],
  },
  'docs/rollouts.md': {
    cues: [{ line: 'wsctl rollout list', before: (scene) => scene.startRun() }],
  },
}
