/** The parts of the page that are words and tables. */
import type { Report } from '../contract/report.js'
import { countItems } from '../contract/checklist.js'
import { phaseTitle, sourcesOf } from '../render/checklist.js'
import { levelOf } from '../render/describe-event.js'
import { elapsedMs, formatCount, formatDuration, formatInstant, formatRate } from '../render/format.js'
import { LEVEL_WORDS, type Level } from '../render/palette.js'
import { timeIn } from './chart-data.js'
import { html, type Markup } from './markup.js'
import { COMPARISON_TITLES, comparisonRows, keyFigures, outcomeWords, runFacts } from './words.js'

export function banner(report: Report): Markup {
  const level = report.outcome === null ? 'warning' : levelOf(report.outcome)
  return html`<header class="banner ${level}">
    <p class="eyebrow">Rollout report</p>
    <h1>${report.name ?? report.command}</h1>
    <p class="outcome">
      <span class="pill">${outcomeWords(report)}</span> <span class="why">${report.conclusion}</span>
    </p>
    <p class="where">
      ${report.server} <span class="dot">·</span>
      <time datetime="${report.startedAt}">${formatInstant(report.startedAt)}</time> <span class="dot">·</span> run
      <code>${report.rolloutId}</code>
    </p>
  </header>`
}

export function summarySection(report: Report): Markup {
  return html`<section id="summary">
    <h2>Summary</h2>
    <p class="lead">${report.summary}</p>
    <dl class="figures">
      ${keyFigures(report).map(
        ({ name, value, note }) =>
          html`<div>
            <dt>${name}</dt>
            <dd><strong>${value}</strong> <span>${note}</span></dd>
          </div>`,
      )}
    </dl>
    ${
      report.warnings.length === 0
        ? null
        : html`<h3>Warnings</h3>
            <ul class="warnings">
              ${report.warnings.map((warning) => html`<li>${warning}</li>`)}
            </ul>`
    }
  </section>`
}

export function recommendationsSection({ recommendations }: Report): Markup | null {
  if (recommendations.length === 0) return null
  return html`<section id="recommendations">
    <h2>Recommendations</h2>
    <ol class="advice">
      ${recommendations.map(
        ({ text, command }) => html`<li>${text}${command === null ? null : html` <code>${command}</code>`}</li>`,
      )}
    </ol>
  </section>`
}

/** A table whose rows become cards on a narrow screen: each cell then carries its column's name. */
function table(
  caption: string,
  columns: readonly (readonly [title: string, kind: 'text' | 'number'])[],
  rows: readonly (readonly (string | Markup)[])[],
): Markup {
  return html`<table>
    <caption>
      ${caption}
    </caption>
    <thead>
      <tr>
        ${columns.map(([title, kind]) => html`<th scope="col" class="${kind}">${title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ([first, ...cells]) =>
          html`<tr>
            <th scope="row">${first ?? null}</th>
            ${cells.map((cell, index) => {
              const [title, kind] = columns[index + 1] ?? ['', 'text']
              return html`<td class="${kind}" data-title="${title}">${cell}</td>`
            })}
          </tr>`,
      )}
    </tbody>
  </table>`
}

const STEP_LEVELS: Readonly<Record<Report['steps'][number]['outcome'], Level>> = {
  running: 'info',
  passed: 'good',
  unproven: 'warning',
  held: 'warning',
  failed: 'bad',
}

export function stepsSection(report: Report): Markup | null {
  const { steps, plan } = report
  if (steps.length === 0) return null
  const left = plan.steps - steps.length
  const rows = steps.map((step) => [
    `${step.number}. ${step.label}`,
    html`<span class="badge ${STEP_LEVELS[step.outcome]}">${step.outcome}</span>`,
    html`<time datetime="${step.startedAt}">${timeIn(report, step.startedAt)}</time>`,
    step.endedAt === null ? '-' : formatDuration(elapsedMs(step.startedAt, step.endedAt)),
    formatCount(step.checks),
    formatCount(step.attempts),
    formatRate(step.errorRate),
    formatRate(step.fallbackRate),
    formatRate(step.successRate),
    formatRate(step.adoption),
  ])
  return html`<section id="steps">
    <h2>Steps</h2>
    ${table(
      left > 0 ? `${steps.length} of ${plan.steps} planned steps were begun` : 'Every planned step was begun',
      [
        ['Step', 'text'],
        ['Outcome', 'text'],
        ['Started', 'text'],
        ['Took', 'number'],
        ['Checks', 'number'],
        ['Attempts', 'number'],
        ['Errors', 'number'],
        ['Fallbacks', 'number'],
        ['Success', 'number'],
        ['Adoption', 'number'],
      ],
      rows,
    )}
  </section>`
}

export function baselineSection({ baseline, comparison }: Report): Markup | null {
  if (baseline === null) return null
  return html`<section id="baseline">
    <h2>Comparison with the baseline</h2>
    ${table(
      `Observed for ${formatDuration(baseline.observedMs)} before the first step`,
      COMPARISON_TITLES.map((title, column) => [title, column === 0 ? 'text' : 'number']),
      comparisonRows(baseline, comparison, 'Baseline'),
    )}
  </section>`
}

export function logSection(report: Report): Markup {
  return html`<section id="log">
    <h2>Decision log</h2>
    <p class="note">Times are UTC.</p>
    <ol class="log">
      ${report.log.map(
        ({ time, endedAt, level, text }) =>
          html`<li class="${level}">
            <time datetime="${time}"
              >${timeIn(report, time)}${
                endedAt === null
                  ? null
                  : html`<br />
                      – ${timeIn(report, endedAt)}`
              }</time
            >
            <span class="badge ${level}">${LEVEL_WORDS[level].trim()}</span>
            <span>${text}</span>
          </li>`,
      )}
    </ol>
  </section>`
}

export function checklistSection({ checklist }: Report): Markup {
  return html`<section id="checklist">
    <h2>Checklist</h2>
    <p class="note">
      ${countItems(checklist, 'proven')} items are proven by records up to this run, ${countItems(checklist, 'signed')}
      are signed, ${countItems(checklist, 'open')} are open. To sign one:
      <code>wsctl checklist sign ITEM --note TEXT</code>
    </p>
    ${checklist.map(
      ({ phase, items }) =>
        html`<h3>${phaseTitle(phase)}</h3>
          <ul class="checklist">
            ${items.map(
              (item) =>
                html`<li class="${item.status}">
                  <span class="badge ${item.status === 'open' ? 'warning' : 'good'}">${item.status}</span>
                  <span class="item"
                    >${item.text} <code>${item.id}</code> ${sourcesOf(item).map(
                      (source) => html`<span class="source">${source}</span>`,
                    )}${item.status === 'open' ? html`<span class="blank">Signed by, on:</span>` : null}</span
                  >
                </li>`,
            )}
          </ul>`,
    )}
  </section>`
}

export function factsSection(report: Report): Markup {
  return html`<section id="facts">
    <h2>About this run</h2>
    <dl class="facts">
      ${runFacts(report).map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
  </section>`
}
