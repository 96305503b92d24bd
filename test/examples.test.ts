import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parseAllDocuments } from 'yaml'
import * as z from 'zod'

const ROOT = new URL('../', import.meta.url)

/** Every document of a YAML file, none of which may hold a mistake. */
async function readYaml(name: string): Promise<readonly unknown[]> {
  const documents = parseAllDocuments(await readFile(new URL(name, ROOT), 'utf8'), { uniqueKeys: true })
  assert.ok('length' in documents && documents.length > 0, `${name} is empty`)
  for (const { errors, warnings } of documents) assert.deepEqual([...errors, ...warnings], [], name)
  return documents.map((document) => document.toJS() as unknown)
}

const stepSchema = z.looseObject({
  id: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  shell: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
  with: z.record(z.string(), z.unknown()).optional(),
})

const actionSchema = z.object({
  name: z.string(),
  description: z.string(),
  inputs: z.record(
    z.string(),
    z.strictObject({ description: z.string(), required: z.boolean().optional(), default: z.string().optional() }),
  ),
  outputs: z.record(z.string(), z.strictObject({ description: z.string(), value: z.string() })),
  runs: z.object({ using: z.literal('composite'), steps: z.array(stepSchema) }),
})

const workflowSchema = z.looseObject({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(z.string(), z.looseObject({ concurrency: z.looseObject({}).optional(), steps: z.array(stepSchema) })),
})

describe('the action for GitHub', () => {
  let action: z.output<typeof actionSchema>

  before(async () => {
    action = actionSchema.parse((await readYaml('action.yml'))[0])
  })

  it('puts nothing that a caller wrote into a script', () => {
    for (const { run = '', shell } of action.runs.steps) {
      assert.doesNotMatch(run, /\$\{\{/)
      assert.equal(shell, 'bash')
    }
  })

  it('hands every input on, by way of the environment', () => {
    const handed = action.runs.steps.flatMap(({ env = {} }) => Object.values(env)).join('\n')
    for (const input of Object.keys(action.inputs)) assert.ok(handed.includes(`inputs.${input}`), input)
  })

  it('hands on the outputs of the step that runs wsctl', () => {
    for (const [name, { value }] of Object.entries(action.outputs)) {
      assert.equal(value, `\${{ steps.run.outputs.${name} }}`)
    }
    assert.equal(action.runs.steps.filter(({ id }) => id === 'run').length, 1)
  })

  it('makes wsctl the process of its step, because it alone is told of a cancelled workflow', () => {
    const lines =
      action.runs.steps
        .find(({ id }) => id === 'run')
        ?.run?.trim()
        .split('\n') ?? []
    assert.match(lines.at(-1) ?? '', /^exec /)
  })
})

describe('the example for GitHub', () => {
  it('calls the action with inputs and outputs that it has', async () => {
    const action = actionSchema.parse((await readYaml('action.yml'))[0])
    const { jobs, permissions } = workflowSchema.parse((await readYaml('docs/examples/github.yml'))[0])
    assert.deepEqual(permissions, { contents: 'read' })
    const steps = Object.values(jobs).flatMap((job) => job.steps)
    const ours = steps.filter(({ uses }) => uses?.startsWith('example/wsctl@'))
    assert.ok(ours.length >= 5)
    for (const step of ours) {
      for (const input of Object.keys(step.with ?? {})) assert.ok(input in action.inputs, input)
      assert.ok(step.with?.['command'])
    }
    for (const { if: condition = '', run = '' } of steps) {
      assert.doesNotMatch(run, /\$\{\{/, 'nothing is put into a script')
      for (const [, output = ''] of condition.matchAll(/steps\.\w+\.outputs\.([\w-]+)/g))
        assert.ok(output in action.outputs, output)
    }
  })

  it('lets a rollback wait for nobody', async () => {
    const { jobs, ...workflow } = workflowSchema.parse((await readYaml('docs/examples/github.yml'))[0])
    assert.equal('concurrency' in workflow, false, 'it would hold for the rollback as well')
    assert.deepEqual(jobs['rollout']?.concurrency, { group: 'chat-rollout', 'cancel-in-progress': false })
    assert.equal(jobs['rollback']?.concurrency, undefined)
  })
})

describe('the example for GitLab', () => {
  it('runs one rollout at a time, makes a held one yellow, and lets a rollback wait for nobody', async () => {
    const jobSchema = z.looseObject({ stage: z.string(), script: z.array(z.string()) })
    const pipeline = z
      .looseObject({ stages: z.array(z.string()), rollout: jobSchema, rollback: jobSchema })
      .parse((await readYaml('docs/examples/gitlab-ci.yml'))[0])
    assert.deepEqual(pipeline.rollout['allow_failure'], { exit_codes: [12] })
    assert.equal(pipeline.rollout['resource_group'], 'chat-rollout')
    assert.deepEqual([pipeline.rollback['resource_group'], pipeline.rollback['needs']], [undefined, []])
    const jobs = Object.values(pipeline).flatMap((value) => {
      const job = jobSchema.safeParse(value)
      return job.success ? [job.data] : []
    })
    assert.ok(jobs.length >= 4)
    for (const { stage } of jobs) assert.ok(pipeline.stages.includes(stage), stage)
  })
})

describe('the example for Kubernetes with shared state', () => {
  const podSchema = z.looseObject({
    restartPolicy: z.literal('Never'),
    terminationGracePeriodSeconds: z.number().min(130),
    securityContext: z.looseObject({ runAsNonRoot: z.literal(true), runAsUser: z.number().positive() }),
    containers: z.tuple([
      z.looseObject({
        args: z.array(z.string()),
        env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })),
      }),
    ]),
    volumes: z.array(z.looseObject({ name: z.string() })),
  })
  const jobSchema = z.looseObject({
    backoffLimit: z.literal(0),
    template: z.looseObject({ spec: podSchema }),
  })
  const cronJobSchema = z.looseObject({
    kind: z.literal('CronJob'),
    spec: z.looseObject({ concurrencyPolicy: z.literal('Forbid'), jobTemplate: z.looseObject({ spec: jobSchema }) }),
  })

  it('keeps nothing on a volume, no password in a URL, and takes up what was left once at a time', async () => {
    const documents = await readYaml('docs/examples/kubernetes-shared-state.yaml')
    const job = z.looseObject({ kind: z.literal('Job'), spec: jobSchema }).parse(documents.at(-2))
    const cronJob = cronJobSchema.parse(documents.at(-1))
    const pods = [job.spec.template.spec, cronJob.spec.jobTemplate.spec.template.spec]
    for (const { containers, volumes } of pods) {
      const [{ env }] = containers
      for (const name of ['WSCTL_STATE', 'PGPASSWORD']) {
        const variable = env.find((each) => each.name === name)
        assert.ok(variable && variable.value === undefined && 'valueFrom' in variable, name)
      }
      for (const volume of volumes) assert.ok('secret' in volume || 'emptyDir' in volume, volume.name)
    }
    const text = await readFile(new URL('docs/examples/kubernetes-shared-state.yaml', ROOT), 'utf8')
    assert.doesNotMatch(text, /postgres:\/\/[^@/]*:[^@/]*@/)
  })
})

describe('the example for Kubernetes', () => {
  const jobSchema = z.object({
    kind: z.literal('Job'),
    spec: z.looseObject({
      backoffLimit: z.literal(0),
      template: z.object({
        spec: z.looseObject({
          restartPolicy: z.literal('Never'),
          terminationGracePeriodSeconds: z.number().min(130),
          automountServiceAccountToken: z.literal(false),
          securityContext: z.looseObject({ runAsNonRoot: z.literal(true), runAsUser: z.number().positive() }),
          containers: z.tuple([
            z.looseObject({
              args: z.array(z.string()),
              env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
              securityContext: z.object({
                allowPrivilegeEscalation: z.literal(false),
                readOnlyRootFilesystem: z.literal(true),
                capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
              }),
              volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
            }),
          ]),
          volumes: z.array(
            z.looseObject({
              name: z.string(),
              secret: z.looseObject({ secretName: z.string() }).optional(),
              persistentVolumeClaim: z.object({ claimName: z.string() }).optional(),
            }),
          ),
        }),
      }),
    }),
  })

  it('begins no rollout twice, kills none, and runs without rights on a file system that it cannot write', async () => {
    const documents = await readYaml('docs/examples/kubernetes-job.yaml')
    const { spec } = jobSchema.parse(documents.at(-1))
    assert.equal('activeDeadlineSeconds' in spec, false)
    assert.equal('activeDeadlineSeconds' in spec.template.spec, false)
  })

  it('keeps records on the volume, and takes the token from the secret, which a new one can reach', async () => {
    const named = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) })
    const documents = await readYaml('docs/examples/kubernetes-job.yaml')
    const names = documents
      .map((document) => named.parse(document))
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    const { containers, volumes } = jobSchema.parse(documents.at(-1)).spec.template.spec
    const [{ args, env, volumeMounts }] = containers
    const mountOf = (path: string) => volumeMounts.find(({ mountPath }) => path.startsWith(mountPath))
    const volumeAt = (path: string) => volumes.find(({ name }) => name === mountOf(path)?.name)

    const records = env.find(({ name }) => name === 'WSCTL_STATE_DIR')?.value ?? ''
    const claim = volumeAt(records)?.persistentVolumeClaim?.claimName
    assert.ok(names.includes(`PersistentVolumeClaim ${claim ?? ''}`))

    const token = args.map((arg) => /^--token-file=(.*)$/.exec(arg)?.[1]).find((path) => path !== undefined) ?? ''
    assert.ok(names.includes(`Secret ${volumeAt(token)?.secret?.secretName ?? ''}`))
    assert.equal(mountOf(token)?.['subPath'], undefined, 'a file that is mounted alone never changes')
    assert.equal(
      env.some(({ name }) => name.includes('TOKEN')),
      false,
      'a variable never changes',
    )
  })
})

describe('the image', () => {
  it('is made of files that there are, and that are sent to be built from', async () => {
    const dockerfile = await readFile(new URL('Dockerfile', ROOT), 'utf8')
    const sent = (await readFile(new URL('.dockerignore', ROOT), 'utf8'))
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []))
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = '']) => files.split(' '))
    assert.ok(copied.length >= 6)
    for (const file of copied) {
      assert.ok(existsSync(new URL(file, ROOT)), file)
      assert.ok(sent.includes(file), `${file} is not sent`)
    }
    assert.deepEqual([...new Set(copied)].toSorted(), sent.toSorted())
  })

  it('runs as nobody of consequence, told by number', async () => {
    const dockerfile = await readFile(new URL('Dockerfile', ROOT), 'utf8')
    const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))
    assert.match(last, /^USER 1000:1000$/m)
    assert.match(last, /^ENTRYPOINT \["wsctl"\]$/m, 'signals reach it only without a shell in between')
    assert.doesNotMatch(dockerfile, /^(ADD|ARG|ENV) .*TOKEN/m)
  })
})
