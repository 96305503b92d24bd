import assert from 'node:assert/strict'
import { parse, parseAllDocuments } from 'yaml'
import * as z from 'zod'
import { killWithCompanion, until } from '../support/live-server.js'
import { Postgres } from '../support/postgres.js'
import { PipelineScene, readExample, shortened } from '../support/pipeline.js'

const stepsSchema = z.array(
  z.looseObject({
    id: z.string().optional(),
    run: z.string().optional(),
    with: z.looseObject({ command: z.string().optional() }).optional(),
  }),
)

const podSchema = z
  .object({ containers: z.tuple([z.looseObject({ args: z.array(z.string()) })]) })
  .transform(({ containers: [container] }) => container)
const templateSchema = z.looseObject({ template: z.looseObject({ spec: z.looseObject({}) }) })

/** Commands that were run in turn, by their first words. */
function kinds(commands: readonly string[]): readonly string[] {
  return commands.map((command) => /^(?:exec )?(?:wsctl )?((?:deploy|rollback) \w+|\w+)/.exec(command)?.[1] ?? command)
}

describe('the examples for pipelines', function () {
  this.timeout(60_000)
  let scene: PipelineScene

  beforeEach(async () => {
    scene = await PipelineScene.open()
  })

  afterEach(async () => {
    await scene.close()
  })

  it('for GitHub move users and take them back, by way of the action', async () => {
    const action = z.object({ runs: z.object({ steps: stepsSchema }) }).parse(parse(await readExample('action.yml')))
    const script = action.runs.steps.find(({ id }) => id === 'run')?.run
    assert.ok(script)
    const { jobs } = z
      .object({
        jobs: z.object({ rollout: z.object({ steps: stepsSchema }), rollback: z.object({ steps: stepsSchema }) }),
      })
      .parse(parse(await readExample('docs/examples/github.yml')))
    const commandsOf = ({ steps }: { readonly steps: z.output<typeof stepsSchema> }) =>
      steps.flatMap((step) => step.with?.command ?? [])
    const commands = [jobs.rollout, jobs.rollback].flatMap(commandsOf)
    assert.deepEqual(kinds(commands), ['preflight', 'deploy gradual', 'status', 'diagnose', 'rollback emergency'])
    for (const command of commands) {
      await scene.succeeds(script, { COMMAND: shortened(command, scene) })
      if (command.startsWith('deploy')) assert.equal(await scene.live.settings(), 'gradual 50')
    }
    assert.equal(await scene.live.settings(), 'disabled 0')
  })

  it('for GitLab move users and take them back', async () => {
    const pipeline = z.record(z.string(), z.unknown()).parse(parse(await readExample('docs/examples/gitlab-ci.yml')))
    const commands = Object.values(pipeline).flatMap((value) => {
      const job = z.looseObject({ script: z.array(z.string()) }).safeParse(value)
      return job.success ? job.data.script : []
    })
    assert.deepEqual(kinds(commands), ['preflight', 'deploy gradual', 'status', 'monitor', 'rollback emergency'])
    for (const command of commands) await scene.succeeds(shortened(command, scene))
    assert.equal(await scene.live.settings(), 'disabled 0')
  })

  it('for Jenkins move users', async () => {
    const text = await readExample('docs/examples/Jenkinsfile')
    const commands = [...text.matchAll(/\b(?:sh|script:) (?:'([^']*)'|"([^"]*)")/g)].map(([, a, b]) => a ?? b ?? '')
    assert.deepEqual(kinds(commands), ['preflight', 'deploy gradual', 'status', 'diagnose'])
    for (const command of commands) await scene.succeeds(shortened(command, scene))
    assert.equal(await scene.live.settings(), 'gradual 50')
    for (const [open, close] of ['{}', '()'] as const)
      assert.equal(text.split(open ?? '').length, text.split(close ?? '').length, `a ${open ?? ''} is not closed`)
  })

  it('for Kubernetes move users', async () => {
    const documents = parseAllDocuments(await readExample('docs/examples/kubernetes-job.yaml'))
    assert.ok('at' in documents)
    const job = z
      .object({
        spec: z.object({
          template: z.object({
            spec: z.object({ containers: z.tuple([z.looseObject({ args: z.array(z.string()) })]) }),
          }),
        }),
      })
      .parse(documents.at(-1)?.toJS())
    const [{ args }] = job.spec.template.spec.containers
    await scene.succeeds(shortened(`exec wsctl ${args.join(' ')}`, scene))
    assert.equal(await scene.live.settings(), 'gradual 50')
  })

  it('for Kubernetes with shared state move users, and take up what a lost pod left, from nothing but the database', async () => {
    const postgres = await Postgres.open()
    const pod = await PipelineScene.open()
    try {
      const documents = parseAllDocuments(await readExample('docs/examples/kubernetes-shared-state.yaml'))
      assert.ok('at' in documents)
      const [job, cronJob] = documents.slice(-2).map((document): unknown => document.toJS())
      const commandOf = (spec: unknown): string => `exec wsctl ${podSchema.parse(spec).args.join(' ')}`
      const rollout = shortened(commandOf(z.looseObject({ spec: templateSchema }).parse(job).spec.template.spec), scene)
      const resume = shortened(
        commandOf(
          z
            .looseObject({ spec: z.looseObject({ jobTemplate: z.looseObject({ spec: templateSchema }) }) })
            .parse(cronJob).spec.jobTemplate.spec.template.spec,
        ),
        pod,
      )
      const [WSCTL_STATE, WSCTL_SERVER] = [await postgres.database(), scene.live.sandbox.url]
      const nothing = await pod.succeeds(resume, { WSCTL_STATE, WSCTL_SERVER })
      assert.match(nothing.stdout, /Nothing was taken up: no run was left unfinished/)
      const run = scene.start(rollout.replace('500ms', '2s'), { WSCTL_STATE })
      await until(() => run.stderr().includes('observing for'))
      await killWithCompanion(run)
      const taken = await pod.succeeds(resume, { WSCTL_STATE, WSCTL_SERVER })
      assert.match(taken.stderr, /taken up again/)
      assert.equal(await scene.live.settings(), 'gradual 50')
    } finally {
      await pod.close()
      await postgres.close()
    }
  })

  it('hold the percentage when a workflow is cancelled, of which only the process of the step is told', async () => {
    const action = z.object({ runs: z.object({ steps: stepsSchema }) }).parse(parse(await readExample('action.yml')))
    const script = action.runs.steps.find(({ id }) => id === 'run')?.run ?? ''
    const COMMAND = 'deploy gradual --step-duration 30 --rollout-users @pinned.txt --no-preflight'
    const run = scene.start(script, { COMMAND, WSCTL_TOKEN: 'test-token' })
    await until(() => run.stderr().includes('observing for 30m'))
    run.child.kill('SIGINT')
    const { code, stderr } = await run.ended
    assert.equal(code, 12, stderr)
    assert.match(stderr, /SIGINT received: the percentage is held/)
    assert.equal(await scene.live.settings(), 'gradual 5')
  })

  it('hand a command to wsctl word by word, with nothing in it expanded', async () => {
    const action = z.object({ runs: z.object({ steps: stepsSchema }) }).parse(parse(await readExample('action.yml')))
    const script = action.runs.steps.find(({ id }) => id === 'run')?.run ?? ''
    const run = (COMMAND: string) => scene.bash(script, { COMMAND, WSCTL_TOKEN: 'test-token' })

    const said = "a 'b' $(touch pwned) `id` \\n * ${HOME}; exit 0"
    const hostile = await run(`rollback emergency\n  --reason "${said}" --json`)
    assert.equal(hostile.code, 0, hostile.stderr)
    const { reason } = z.looseObject({ reason: z.string() }).parse(JSON.parse(hostile.stdout))
    assert.equal(reason, said)
    assert.notEqual((await scene.bash('test -e pwned')).code, 0)

    const unclosed = await run('rollback emergency --reason "never closed')
    assert.equal(unclosed.code, 2)
    assert.match(unclosed.stdout, /^::error title=wsctl::.*quote/)
    assert.equal((await run('deploy sideways')).code, 2)
  })
})
