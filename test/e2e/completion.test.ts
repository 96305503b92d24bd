import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { encodeEvent } from '../../src/lib/contract/event.js'
import { journalOf } from '../support/reports.js'
import { gradual } from '../support/rollouts.js'
import { ENTRY, Shell } from '../support/wsctl.js'

const SHELLS = ['bash', 'zsh', 'fish'] as const
const RUN = '20261124-090000-111aa'

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['-c', ':'])
    return true
  } catch {
    return false
  }
}

describe('completion', function () {
  this.timeout(30_000)
  let shell: Shell

  beforeEach(async () => {
    shell = await Shell.open()
    await mkdir(join(shell.folder, 'bin'))
    await symlink(ENTRY, join(shell.folder, 'bin', 'wsctl'))
  })
  afterEach(() => shell.close())

  const environment = () => ({
    ...shell.environment,
    PATH: `${join(shell.folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    WSCTL_CONFIG_DIR: join(shell.folder, 'config'),
  })

  for (const name of SHELLS) {
    it(`prints a script that ${name} takes`, async function () {
      if (!isInstalled(name)) this.skip()
      const { stdout } = await shell.run(['completion', name])
      await writeFile(join(shell.folder, 'script'), stdout)
      await promisify(execFile)(name, ['-n', join(shell.folder, 'script')])
    })
  }

  /** What bash would offer for a line, by the functions of its own. */
  async function offered(line: string): Promise<readonly string[]> {
    const script = `
      source <(wsctl completion bash)
      COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDS=() word=
      for word in $1; do COMP_WORDS+=("$word"); done
      [[ $1 == *' ' ]] && COMP_WORDS+=('')
      case \${COMP_WORDS[\${#COMP_WORDS[@]}-1]} in *=*) word=\${word#*=}; COMP_WORDS+=(= "$word");; esac
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _wsctl wsctl
      printf '%s\\n' "\${COMPREPLY[@]}"`
    const options = { cwd: shell.folder, env: environment() }
    const { stdout } = await promisify(execFile)('bash', ['-c', script, 'bash', line], options)
    return stdout.split('\n').filter((word) => word !== '')
  }

  /** A run of `deploy gradual` that came to its end at 50 %. */
  async function recordRun(): Promise<void> {
    const folder = join(shell.folder, 'state', 'runs')
    await mkdir(folder, { recursive: true })
    const lines = (await journalOf(gradual())).map((event) => `${encodeEvent(event, RUN)}\n`)
    await writeFile(join(folder, `${RUN}.jsonl`), lines.join(''))
    await chmod(folder, 0o700)
  }

  /** What zsh shows below a line after the key for completion was struck, on a terminal of its own. */
  async function shownByZsh(line: string, expected: string): Promise<string> {
    const script = `
      zmodload zsh/zpty
      zpty shell 'zsh -f -i'
      zpty -w shell "PROMPT=; stty columns 140 rows 100 -echo; autoload -U compinit; compinit -u -d $1/dump"
      zpty -w shell 'zstyle ":completion:*" list-separator "--"; source <(wsctl completion zsh); print REA""DY'
      zpty -r -m shell line '*READY*'
      zpty -w -n shell "$2"$'\\t\\t'
      zpty -r -m shell shown "*$3*"
      print -r -- "$shown"
      zpty -d shell`
    const options = { cwd: shell.folder, env: { ...environment(), TERM: 'xterm' }, timeout: 20_000 }
    const { stdout } = await promisify(execFile)('zsh', ['-fc', script, 'zsh', shell.folder, line, expected], options)
    return stdout
  }

  async function offeredByFish(line: string): Promise<readonly string[]> {
    const script = 'wsctl completion fish | source; complete -C "$argv[1]"'
    const options = { cwd: shell.folder, env: environment() }
    const { stdout } = await promisify(execFile)('fish', ['-c', script, line], options)
    return stdout.split('\n').filter((word) => word !== '')
  }

  it('says in zsh what a run was, and offers topics and items', async function () {
    if (!isInstalled('zsh')) this.skip()
    await recordRun()
    await writeFile(join(shell.folder, 'state', 'runs', '20261125-090000-222bb.jsonl'), 'torn')
    const runs = await shownByZsh('wsctl history 2', '111aa *Z')
    assert.match(runs, new RegExp(`${RUN} +-- deploy gradual, completed, 50 %, 2026-11-24T[\\d:]{8}Z`))
    assert.match(runs, /20261125-090000-222bb/, 'a journal that cannot be read')
    assert.match(
      await shownByZsh('wsctl explain lo', 'lock-lost *run'),
      /lower-start +-- code: The run would start below/,
    )
    assert.match(
      await shownByZsh('wsctl checklist sign te', 'team-told *hours'),
      /-- Everybody concerned knows the hours/,
    )
  })

  it('says in fish what a run was, and offers topics and items', async function () {
    if (!isInstalled('fish')) this.skip()
    await recordRun()
    const [run = ''] = await offeredByFish('wsctl history 2')
    assert.match(run, new RegExp(`^${RUN}\\tdeploy gradual, completed, 50 %, 2026-11-24T`))
    const topics = await offeredByFish('wsctl explain lo')
    assert.ok(topics.some((line) => line.startsWith('locked\tcode: Another run is at work')))
    assert.ok(
      (await offeredByFish('wsctl checklist sign te')).includes('team-told\tEverybody concerned knows the hours'),
    )
  })

  it('offers commands, values, contexts, runs and files in bash', async function () {
    if (!isInstalled('bash')) this.skip()
    await shell.run(['context', 'add', 'staging', '--server', 'https://a'], environment())
    await shell.run(['context', 'add', 'live', '--server', 'https://b', '--use'], environment())
    await mkdir(join(shell.folder, 'state', 'runs'), { recursive: true })
    await writeFile(join(shell.folder, 'state', 'runs', `${RUN}.jsonl`), '')
    await writeFile(join(shell.folder, 'a token'), '')
    assert.deepEqual(await offered('wsctl roll'), ['rollback', 'rollout'])
    assert.deepEqual(await offered('wsctl deploy gradual --on-crash '), ['hold', 'rollback'])
    assert.deepEqual(await offered('wsctl status --context '), ['live', 'staging'])
    assert.deepEqual(await offered('wsctl status --context=s'), ['staging'])
    assert.deepEqual(await offered('wsctl history 2'), [RUN])
    assert.deepEqual(await offered('wsctl explain lock'), ['locked', 'lock-lost', 'lock-unwritable'])
    assert.deepEqual(await offered('wsctl checklist sign team'), ['team-told'])
    assert.ok((await offered('wsctl status --token-file ')).includes('a token'))
    assert.deepEqual(await offered('wsctl history --state-dir st'), ['state'])
  })

  it('says nothing, and fails nothing, where it cannot look something up', async () => {
    await mkdir(join(shell.folder, 'config'))
    await writeFile(join(shell.folder, 'config', 'contexts.yaml'), 'contexts: [')
    for (const words of [['status', '--context', ''], ['no', 'such', ''], []]) {
      const { code, stderr } = await shell.run(['__complete', 'zsh', ...words], environment())
      assert.deepEqual([code, stderr], [0, ''], words.join(' '))
    }
  })
})
