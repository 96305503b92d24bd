/** The charts of a report. Colours are variables of the page, so that light, dark and print need one drawing. */
import type { ScatterSeriesOption } from 'echarts/charts'
import type { Report } from '../contract/report.js'
import { VERDICTS } from '../core/analysis.js'
import {
  forward,
  MEASURES,
  measureSeries,
  spanOf,
  thin,
  verdictTimes,
  type MeasureName,
  type Point,
} from './chart-data.js'
import {
  chart,
  eventLines,
  FONT,
  INK,
  line,
  NUMBER_HEIGHT,
  NUMBER_ROWS,
  RULE,
  stepBands,
  toData,
  valueAxis,
  type Axis,
  type ChartOption,
  type Size,
} from './chart-parts.js'

/** The share of users on unified, as the server showed it, with what stood out numbered. */
export function percentageOption(report: Report, size: Size): ChartOption {
  const [, end] = spanOf(report)
  const shown = forward(report.percentages).map(({ ms, percentage }): Point => [ms, percentage])
  const last = shown.at(-1)
  const staircase = last === undefined ? shown : [...shown, [end, last[1]] as const]
  const axis = valueAxis('%', { min: 0, max: 100, interval: 25 })
  const series = line(staircase, {
    step: 'end',
    color: 'var(--unified)',
    lineStyle: { width: 2.5, color: 'var(--unified)' },
    areaStyle: { color: 'var(--unified)', opacity: 0.12 },
    markLine: eventLines(report, size),
    markArea: stepBands(report, size),
  })
  const numbers = report.events.length === 0 ? 0 : NUMBER_ROWS * NUMBER_HEIGHT
  return chart(report, size, axis, [series], numbers + 12)
}

/** One measure with its limit; where the limit did not hold there is a mark of its own shape. */
export function measureOption(report: Report, name: MeasureName, size: Size): ChartOption {
  const { values, limits, broken } = measureSeries(report, name)
  const isSparse = values.length <= 60
  const range = name === 'successRate' ? nearlyAll([values, limits]) : { min: 0 }
  return chart(report, size, valueAxis(MEASURES[name].unit ?? '', range), [
    line(values, {
      color: 'var(--unified)',
      lineStyle: { width: 2, color: 'var(--unified)' },
      symbol: 'circle',
      symbolSize: 4,
      showSymbol: isSparse,
      markArea: stepBands(report, null),
      markLine: eventLines(report, null),
    }),
    line(limits, { color: 'var(--bad)', lineStyle: { width: 1.5, type: [6, 4], color: 'var(--bad)' }, step: 'end' }),
    {
      type: 'scatter',
      silent: true,
      symbol: 'triangle',
      symbolSize: 9,
      itemStyle: { color: 'var(--bad)' },
      data: toData(broken),
    },
  ])
}

const VERDICT_MARKS = {
  error: { label: 'error', symbol: 'diamond', colour: 'var(--bad)' },
  fail: { label: 'fail', symbol: 'triangle', colour: 'var(--bad)' },
  inconclusive: { label: 'too few', symbol: 'emptyCircle', colour: 'var(--warn)' },
  pass: { label: 'pass', symbol: 'circle', colour: 'var(--good)' },
} as const

/** Each check in the row of its verdict: the place tells it, whatever the colour. */
export function verdictOption(report: Report, size: Size): ChartOption {
  const times = verdictTimes(report)
  const rows = VERDICTS.toReversed()
  const axis: Axis = {
    type: 'category',
    data: rows.map((verdict) => VERDICT_MARKS[verdict].label),
    axisLabel: { color: INK, fontFamily: FONT },
    axisTick: { show: false },
    axisLine: { show: false },
    splitLine: { show: true, lineStyle: { color: RULE } },
  }
  const series = rows.map((verdict, row): ScatterSeriesOption => {
    const { symbol, colour } = VERDICT_MARKS[verdict]
    return {
      type: 'scatter',
      silent: true,
      symbol,
      symbolSize: verdict === 'pass' ? 5 : 9,
      itemStyle: { color: colour },
      data: times[verdict].map((ms) => [ms, row]),
    }
  })
  return chart(report, size, axis, series)
}

/** Open connections of both systems, told apart by their lines as well. */
export function connectionsOption(report: Report, size: Size): ChartOption {
  const shown = thin(forward(report.connections), () => 0)
  const of = (system: 'legacy' | 'unified'): readonly Point[] => shown.map((one) => [one.ms, one[system] ?? 0])
  return chart(report, size, valueAxis('', { min: 0 }), [
    line(of('legacy'), {
      color: 'var(--legacy)',
      lineStyle: { width: 2, type: [7, 4], color: 'var(--legacy)' },
      markArea: stepBands(report, null),
      markLine: eventLines(report, null),
    }),
    line(of('unified'), {
      color: 'var(--unified)',
      lineStyle: { width: 2.5, color: 'var(--unified)' },
      areaStyle: { color: 'var(--unified)', opacity: 0.12 },
    }),
  ])
}

/** The axis of a rate that is near 100 % as a rule. */
function nearlyAll(series: readonly (readonly Point[])[]): {
  readonly min: number
  readonly max: number
  readonly interval: number
} {
  const lowest = series.flat().reduce((least, [, value]) => Math.min(least, value ?? least), 100)
  const min = Math.max(0, Math.floor((lowest - 1) / 5) * 5)
  return { min, max: 100, interval: (100 - min) / 5 }
}
