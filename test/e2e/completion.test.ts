import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ENTRY, Shell } from '../support/wsctl.js'

const SHELLS = ['bash', 'zsh'] as const

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

  it('offers commands, values, contexts, runs and files in bash', async function () {
    if (!isInstalled('bash')) this.skip()
    await shell.run(['context', 'add', 'staging', '--server', 'https://a'], environment())
    await shell.run(['context', 'add', 'live', '--server', 'https://b', '--use'], environment())
    await mkdir(join(shell.folder, 'state', 'runs'), { recursive: true })
    await writeFile(join(shell.folder, 'state', 'runs', '20261124-090000-111aa.jsonl'), '')
    await writeFile(join(shell.folder, 'a token'), '')
    assert.deepEqual(await offered('wsctl roll'), ['rollback', 'rollout'])
    assert.deepEqual(await offered('wsctl deploy gradual --on-crash '), ['hold', 'rollback'])
    assert.deepEqual(await offered('wsctl status --context '), ['live', 'staging'])
    assert.deepEqual(await offered('wsctl status --context=s'), ['staging'])
    assert.deepEqual(await offered('wsctl history 2'), ['20261124-090000-111aa'])
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
