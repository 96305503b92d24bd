/** The charts of a report. Colours are variables of the page, so that light, dark and print need one drawing. */
import type { LineSeriesOption, ScatterSeriesOption } from 'echarts/charts'
import type { GridComponentOption, MarkAreaComponentOption, MarkLineComponentOption } from 'echarts/components'
import type { ComposeOption } from 'echarts/core'
import type { Report } from '../contract/report.js'
import { VERDICTS } from '../core/analysis.js'
import { forward, rateSeries, spanOf, thin, verdictTimes, type Point, type RateName } from './chart-data.js'

export type ChartOption = ComposeOption<GridComponentOption | LineSeriesOption | ScatterSeriesOption>

type Axis = NonNullable<ChartOption['yAxis']>

/** How large a chart is drawn, CSS px. */
export interface Size {
  readonly width: number
  readonly height: number
}

const FONT = 'system-ui, sans-serif'
const INK = 'var(--muted)'
const RULE = 'var(--rule)'
const LEFT = 62
const RIGHT = 14
/** Room that a time label takes, px. */
const TIME_LABEL = 92
const DAY_MS = 24 * 60 * 60_000
const MINUTE_MS = 60_000
/** More numbers than this would hide each other. */
export const NUMBERED_EVENTS = 20
/** Room that the percentage of a step takes, px. */
const STEP_LABEL = 36
/** Numbers nearer than this are set in different rows, px. */
const NUMBER_WIDTH = 20
const NUMBER_ROWS = 3
const NUMBER_HEIGHT = 17

const LEVEL_COLOURS: Readonly<Record<Report['events'][number]['level'], string>> = {
  info: 'var(--muted)',
  good: 'var(--good)',
  warning: 'var(--warn)',
  bad: 'var(--bad)',
}

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

/** One rate with its limit; where the limit did not hold there is a mark of its own shape. */
export function rateOption(report: Report, name: RateName, size: Size): ChartOption {
  const { values, limits, broken } = rateSeries(report, name)
  const isSparse = values.length <= 60
  return chart(report, size, valueAxis('%', name === 'successRate' ? nearlyAll([values, limits]) : { min: 0 }), [
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

function chart(
  report: Report,
  { width }: Size,
  yAxis: Axis,
  series: (LineSeriesOption | ScatterSeriesOption)[],
  top = 12,
): ChartOption {
  const [min, max] = spanOf(report)
  const format =
    max - min > DAY_MS ? '{MM}-{dd} {HH}:{mm}' : max - min < 10 * MINUTE_MS ? '{HH}:{mm}:{ss}' : '{HH}:{mm}'
  return {
    animation: false,
    useUTC: true,
    textStyle: { fontFamily: FONT, fontSize: 12, color: INK },
    grid: { left: LEFT, right: RIGHT, top, bottom: 26 },
    xAxis: {
      type: 'time',
      min,
      max,
      splitNumber: Math.max(2, Math.floor((width - LEFT - RIGHT) / TIME_LABEL)),
      axisLabel: { color: INK, fontFamily: FONT, hideOverlap: true, formatter: format },
      axisLine: { lineStyle: { color: RULE } },
      axisTick: { lineStyle: { color: RULE } },
      splitLine: { show: false },
    },
    yAxis,
    series,
  }
}

function valueAxis(
  unit: string,
  range: { readonly min: number; readonly max?: number; readonly interval?: number },
): Axis {
  return {
    type: 'value',
    splitNumber: 4,
    // A limit is not to lie on the edge.
    boundaryGap: [0, '12%'],
    ...range,
    axisLabel: {
      color: INK,
      fontFamily: FONT,
      formatter: (value) => `${value.toLocaleString('en-US')}${unit && ` ${unit}`}`,
    },
    splitLine: { lineStyle: { color: RULE } },
  }
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

function line(data: readonly Point[], option: LineSeriesOption): LineSeriesOption {
  return { type: 'line', silent: true, symbol: 'none', ...option, data: toData(data) }
}

function toData(points: readonly Point[]): (number | null)[][] {
  return points.map(([ms, value]) => [ms, value])
}

/**
 * Every other step is shaded.
 *
 * @param size of the chart, when each step is to tell its percentage; null: none does
 */
function stepBands(report: Report, size: Size | null): MarkAreaComponentOption {
  const [, end] = spanOf(report)
  const scale = size === null ? 0 : pixelsPerMs(report, size)
  const bands = report.steps.map(({ percentage, startedAt, endedAt }, index) => {
    const [from, to] = [Date.parse(startedAt), endedAt === null ? end : Date.parse(endedAt)]
    const color = index % 2 === 1 ? 'var(--band)' : 'none'
    const name = (to - from) * scale < STEP_LABEL ? '' : `${percentage} %`
    return [{ xAxis: from, name, itemStyle: { color } }, { xAxis: to }] as [
      { xAxis: number; name: string; itemStyle: { color: string } },
      { xAxis: number },
    ]
  })
  return {
    silent: true,
    label: { position: 'insideTop', distance: 6, color: INK, fontFamily: FONT, fontSize: 11 },
    data: bands,
  }
}

function pixelsPerMs(report: Report, { width }: Size): number {
  const [min, max] = spanOf(report)
  return (width - LEFT - RIGHT) / (max - min)
}

/**
 * A line where something stood out.
 *
 * @param size of the chart, when the numbers are to be shown; null: none are
 */
function eventLines(report: Report, size: Size | null): MarkLineComponentOption {
  const [min] = spanOf(report)
  const scale = size === null ? 0 : pixelsPerMs(report, size)
  const free = Array.from({ length: NUMBER_ROWS }, () => Number.NEGATIVE_INFINITY)
  const data = forward(report.events)
    .slice(0, NUMBERED_EVENTS)
    .map(({ ms, level }, index) => {
      const x = (ms - min) * scale
      const found = free.findIndex((from) => x >= from)
      const row = found === -1 ? index % NUMBER_ROWS : found
      free[row] = x + NUMBER_WIDTH
      const colour = LEVEL_COLOURS[level]
      return {
        xAxis: ms,
        lineStyle: { color: colour },
        label: { formatter: String(index + 1), distance: 3 + row * NUMBER_HEIGHT, backgroundColor: colour },
      }
    })
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { type: [2, 3], width: 1.25 },
    label: {
      show: size !== null,
      color: 'var(--paper)',
      fontSize: 11,
      fontWeight: 700,
      fontFamily: FONT,
      padding: [2, 5],
      borderRadius: 7,
    },
    data,
  }
}
