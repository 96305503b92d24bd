import type { Report } from '../contract/report.js'
import { formatInstant } from '../render/format.js'
import type { Draw } from './draw.js'
import { chartSections } from './html-charts.js'
import {
  banner,
  baselineSection,
  checklistSection,
  factsSection,
  logSection,
  recommendationsSection,
  stepsSection,
  summarySection,
} from './html-sections.js'
import { html, Markup } from './markup.js'
import { STYLE } from './style.js'
import { hasConnections, titleOf } from './words.js'

/** What a browser may do with the page: show it. Nothing is loaded, and nothing runs. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

/** The report as one page that needs nothing besides itself: no network, no script. */
export function htmlReport(report: Report, draw: Draw): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="${report.generator}" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <link rel="icon" href="data:," />
        <title>${titleOf(report)} (${report.rolloutId})</title>
        <style>
          ${Markup.trusted(STYLE)}
        </style>
      </head>
      <body>
        ${banner(report)} ${navigation(report)}
        <main>
          ${summarySection(report)} ${recommendationsSection(report)} ${chartSections(report, draw)}
          ${stepsSection(report)} ${baselineSection(report)} ${logSection(report)} ${checklistSection(report)}
          ${factsSection(report)}
        </main>
        <footer>
          Made by ${report.generator} at ${formatInstant(report.generatedAt)} from the journal of run
          ${report.rolloutId}.
        </footer>
      </body>
    </html> `
  return page.text
}

function navigation(report: Report): Markup {
  const { recommendations, checks, steps, baseline } = report
  const links = [
    ['summary', 'Summary', true],
    ['recommendations', 'Recommendations', recommendations.length > 0],
    ['timeline', 'Timeline', true],
    ['rates', 'Rates', checks.length > 0],
    ['connections', 'Connections', hasConnections(report)],
    ['steps', 'Steps', steps.length > 0],
    ['baseline', 'Baseline', baseline !== null],
    ['log', 'Decision log', true],
    ['checklist', 'Checklist', true],
    ['facts', 'About', true],
  ] as const
  const shown = links.filter(([, , isThere]) => isThere)
  return html`<nav aria-label="Sections">
    <ul>
      ${shown.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}
    </ul>
  </nav>`
}
