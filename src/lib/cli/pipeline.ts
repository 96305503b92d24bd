import { fstatSync } from 'node:fs'
import type { Result } from '../contract/result.js'
import type { RolloutState } from '../core/rollout.js'
import type { WsctlError } from '../core/error.js'
import { effectivePercentage } from '../core/server.js'
import type { Sink } from '../ports/sink.js'
import { workflowCommand } from '../render/workflow-command.js'
import type { Screen } from './screen.js'
import type { Variables } from './environment.js'

type Pipeline = 'github' | 'gitlab'

/**
 * The pipeline that reads what is printed on stderr, as far as it makes more of it than lines; null for any other.
 * What goes into a file of its own is read as a file.
 */
export function pipelineOf(variables: Variables, isRedirected = stderrIsFile()): Pipeline | null {
  if (isRedirected) return null
  if (variables['GITHUB_ACTIONS'] === 'true') return 'github'
  return variables['GITLAB_CI'] === 'true' ? 'gitlab' : null
}

function stderrIsFile(): boolean {
  try {
    return fstatSync(2).isFile()
  } catch {
    return false
  }
}

/**
 * Shows a run in a pipeline's own way.
 *
 * @param warnings what was found before the run
 * @returns null where lines are all that there is
 */
export async function openPipelineSink(
  variables: Variables,
  { stderr, err }: Pick<Screen, 'stderr' | 'err'>,
  warnings: readonly string[],
): Promise<Sink | null> {
  switch (pipelineOf(variables)) {
    case 'github': {
      const { createGithubSink } = await import('../render/github.js')
      return createGithubSink(stderr, err.palette, warnings)
    }
    case 'gitlab': {
      const { createGitlabSink } = await import('../render/gitlab.js')
      return createGitlabSink(stderr, err.palette)
    }
    case null:
      return null
  }
}

/**
 * Tells GitHub Actions how a run ended, or why there was none: the summary and the outputs of the step. Whatever goes
 * wrong here is a warning, because the result is what it is.
 */
export async function tellPipeline(
  variables: Variables,
  result: Result,
  suggestions: readonly string[],
  state: RolloutState | null = null,
): Promise<void> {
  if (variables['GITHUB_ACTIONS'] !== 'true') return
  const { appendOutputs, appendSummary } = await import('../adapters/step-files.js')
  const { summaryMarkdown } = await import('../render/summary.js')
  await write(variables, 'GITHUB_STEP_SUMMARY', (path) =>
    appendSummary(path, summaryMarkdown(result, suggestions, state)),
  )
  await write(variables, 'GITHUB_OUTPUT', (path) => appendOutputs(path, outputsOf(result)))
}

/** As `tellPipeline`, for a command that is no run: only how it ended can be told. */
export async function tellFailure(variables: Variables, { outcome, exitCode }: WsctlError): Promise<void> {
  if (variables['GITHUB_ACTIONS'] !== 'true') return
  const { appendOutputs } = await import('../adapters/step-files.js')
  await write(variables, 'GITHUB_OUTPUT', (path) => appendOutputs(path, { outcome, 'exit-code': String(exitCode) }))
}

/** A failure as an annotation, which GitHub shows in the log as well. */
export async function annotatedFailure(command: string, { code, message, exitCode }: WsctlError): Promise<string> {
  const { printable } = await import('../render/text.js')
  const text = message.split('\n').map(printable).join('\n')
  return workflowCommand('error', text, { title: `wsctl ${command}: ${code} (exit ${exitCode})` })
}

/** Empty where it is not known, so that nothing of an earlier command of the same step remains. */
function outputsOf({ outcome, exitCode, rolloutId, after }: Result): Readonly<Record<string, string>> {
  return {
    outcome,
    'exit-code': String(exitCode),
    'rollout-id': rolloutId ?? '',
    mode: after?.mode ?? '',
    percentage: after === null ? '' : String(effectivePercentage(after)),
  }
}

async function write(
  variables: Variables,
  variable: 'GITHUB_STEP_SUMMARY' | 'GITHUB_OUTPUT',
  act: (path: string) => Promise<void>,
): Promise<void> {
  const path = variables[variable]
  if (path === undefined || path === '') return
  try {
    await act(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const message = `${variable} ${path} was not written: ${reason}`
    process.stderr.write(`${workflowCommand('warning', message, { title: 'wsctl' })}\n`)
  }
}
