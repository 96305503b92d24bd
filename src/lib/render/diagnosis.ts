import type { DiagnosisDocument } from '../contract/diagnosis.js'
import { describeSettings } from '../core/server.js'
import { span } from '../core/span.js'
import { countOf } from './format.js'
import type { Layout } from './palette.js'
import { layList } from './prose.js'
import { renderFields } from './fields.js'
import { printable, wrap } from './text.js'

type Finding = DiagnosisDocument['findings'][number]

/**
 * What is wrong, each with what shows it, what to look at and what to type.
 *
 * @param layout commands are printed whole whatever its width: they are there to be copied
 */
export function diagnosisText(document: DiagnosisDocument, layout: Layout): string {
  const { findings } = document
  const nothing = wrap('Nothing was found that is wrong with the server, its file or its records.', layout.width)
  const rest = findings.length === 0 ? [nothing.join('\n')] : findings.map((finding) => findingText(finding, layout))
  return [headline(document, layout), overview(document, layout), ...rest].join('\n\n')
}

function headline({ findings, exitCode }: DiagnosisDocument, { palette, width }: Layout): string {
  const number = (level: Finding['level']): number => findings.filter((finding) => finding.level === level).length
  const [problems, notices] = [number('problem'), number('notice')]
  const paint = problems > 0 ? palette.bad : notices > 0 ? palette.warning : palette.good
  return wrap(`diagnose: ${countOf(problems, 'problem')}, ${countOf(notices, 'notice')} (exit ${exitCode})`, width)
    .map(paint)
    .join('\n')
}

function overview({ server, settings, observedMs, attempts }: DiagnosisDocument, layout: Layout): string {
  const seen = attempts === null ? 'attempts could not be counted' : countOf(attempts, 'attempt')
  return renderFields(
    [
      ['server', printable(server)],
      ['now', settings === null ? 'not known' : describeSettings(settings)],
      ['looked', observedMs === 0 ? 'it could not be looked at' : `for ${span(observedMs)}, ${seen}`],
    ],
    layout,
  )
}

function findingText({ level, trouble, title, evidence, advice, next }: Finding, layout: Layout): string {
  const { palette } = layout
  const paint = level === 'problem' ? palette.bad : palette.warning
  const heading = wrap(printable(`${level.toUpperCase()} ${trouble}: ${title}`), layout.width).map(paint)
  return [
    ...heading,
    ...list(evidence, layout),
    ...(advice.length > 0 ? [palette.dim('  What to look at'), ...list(advice, layout)] : []),
    ...(next.length > 0 ? [palette.dim('  Next'), ...layList(next.map(printable), layout.width, '  ')] : []),
  ].join('\n')
}

function list(items: readonly string[], { width }: Layout): readonly string[] {
  return layList(items.map(printable), width, '  - ')
}
