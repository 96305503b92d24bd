/** The charts of the page: each drawn twice, for wide and for narrow screens, with a caption and an alternative. */
import type { Report } from '../contract/report.js'
import { MEASURE_NAMES, MEASURES, timeIn, type MeasureName } from './chart-data.js'
import { connectionsOption, measureOption, percentageOption, verdictOption } from './chart-options.js'
import { NUMBERED_EVENTS, type ChartOption, type Size } from './chart-parts.js'
import type { Draw } from './draw.js'
import { html, Markup } from './markup.js'
import { describeConnections, describePercentages, describeMeasure, describeVerdicts, hasConnections } from './words.js'

/** Of a chart over the whole width, and of one of two side by side. */
const WHOLE: readonly [wide: Size, narrow: Size] = [
  { width: 900, height: 260 },
  { width: 350, height: 230 },
]
const HALF: readonly [wide: Size, narrow: Size] = [
  { width: 440, height: 190 },
  { width: 350, height: 180 },
]
/** Of a chart over the whole width that is one of several. */
const BROAD: readonly [wide: Size, narrow: Size] = [
  { width: 900, height: 190 },
  { width: 350, height: 180 },
]
const STRIP: readonly [wide: Size, narrow: Size] = [
  { width: 900, height: 140 },
  { width: 350, height: 140 },
]

export function chartSections(report: Report, draw: Draw): Markup {
  return html`${timeline(report, draw)} ${rates(report, draw)} ${connections(report, draw)}`
}

function timeline(report: Report, draw: Draw): Markup {
  const text = describePercentages(report)
  const chart =
    report.percentages.length === 0
      ? html`<p>${text}</p>`
      : figure(draw, 'percentage', 'Percentage of users on unified', text, WHOLE, (size) =>
          percentageOption(report, size),
        )
  return html`<section id="timeline">
    <h2>Timeline</h2>
    ${chart} ${eventList(report)}
  </section>`
}

function rates(report: Report, draw: Draw): Markup | null {
  if (report.checks.length === 0) return null
  const measure = (name: MeasureName, sizes: typeof HALF): Markup =>
    figure(draw, name, MEASURES[name].title, describeMeasure(report, name), sizes, (size) =>
      measureOption(report, name, size),
    )
  const pairs = MEASURE_NAMES.filter((name) => name !== 'routingErrors').map((name) => measure(name, HALF))
  const verdicts = describeVerdicts(report)
  return html`<section id="rates">
    <h2>Rates and verdicts</h2>
    <p class="key">
      <span class="k-line">measured</span> <span class="k-limit">limit</span> <span class="k-broken">limit broken</span>
      <span class="k-band">every other step is shaded</span>
    </p>
    <div class="pair">${pairs}</div>
    ${measure('routingErrors', BROAD)}
    ${figure(draw, 'verdicts', 'Verdict of each check', verdicts, STRIP, (size) => verdictOption(report, size))}
  </section>`
}

function connections(report: Report, draw: Draw): Markup | null {
  if (!hasConnections(report)) return null
  const text = describeConnections(report)
  return html`<section id="connections">
    <h2>Connections by system</h2>
    <p class="key"><span class="k-legacy">legacy</span> <span class="k-line">unified</span></p>
    ${figure(draw, 'open', 'Open connections', text, WHOLE, (size) => connectionsOption(report, size))}
  </section>`
}

function figure(
  draw: Draw,
  id: string,
  title: string,
  description: string,
  [wide, narrow]: readonly [Size, Size],
  optionFor: (size: Size) => ChartOption,
): Markup {
  const drawing = (size: Size, shape: string): Markup =>
    html`<svg
      class="${shape}"
      viewBox="0 0 ${size.width} ${size.height}"
      role="img"
      aria-labelledby="${id}-${shape}-title ${id}-${shape}-text"
    >
      <title id="${id}-${shape}-title">${title}</title>
      <desc id="${id}-${shape}-text">${description}</desc>
      ${Markup.trusted(draw(optionFor(size), size))}
    </svg>`
  return html`<figure>
    <figcaption><strong>${title}</strong> ${description}</figcaption>
    ${drawing(wide, 'wide')} ${drawing(narrow, 'narrow')}
  </figure>`
}

/** The numbers of the chart, in words. */
function eventList(report: Report): Markup | null {
  const { events } = report
  if (events.length === 0) return null
  const hidden = events.length - NUMBERED_EVENTS
  return html`<ol class="marks">
      ${events
        .slice(0, NUMBERED_EVENTS)
        .map(
          ({ time, level, text }) =>
            html`<li class="${level}"><time datetime="${time}">${timeIn(report, time)}</time> ${text}</li>`,
        )}
    </ol>
    ${hidden > 0 ? html`<p class="note">${hidden} more are in the decision log.</p>` : null}`
}
