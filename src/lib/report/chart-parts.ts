/** What the charts of a report have in common: axes, lines, the steps and the events. */
import type { LineSeriesOption, ScatterSeriesOption } from 'echarts/charts'
import type { GridComponentOption, MarkAreaComponentOption, MarkLineComponentOption } from 'echarts/components'
import type { ComposeOption } from 'echarts/core'
import type { Report } from '../contract/report.js'
import { forward, spanOf, type Point } from './chart-data.js'

export type ChartOption = ComposeOption<GridComponentOption | LineSeriesOption | ScatterSeriesOption>

export type Axis = NonNullable<ChartOption['yAxis']>

/** How large a chart is drawn, CSS px. */
export interface Size {
  readonly width: number
  readonly height: number
}

export const FONT = 'system-ui, sans-serif'
export const INK = 'var(--muted)'
export const RULE = 'var(--rule)'
const LEFT = 62
const RIGHT = 14
/** Room that a time label takes, px. */
const TIME_LABEL = 92
/** Kept free between two time labels, px: the reader's font is wider than the one that the drawing reckons with. */
const LABEL_MARGIN = 28
const DAY_MS = 24 * 60 * 60_000
const MINUTE_MS = 60_000
/** More numbers than this would hide each other. */
export const NUMBERED_EVENTS = 20
/** Room that the percentage of a step takes, px. */
const STEP_LABEL = 36
/** Numbers nearer than this are set in different rows, px. */
const NUMBER_WIDTH = 20
export const NUMBER_ROWS = 3
export const NUMBER_HEIGHT = 17

const LEVEL_COLOURS: Readonly<Record<Report['events'][number]['level'], string>> = {
  info: 'var(--muted)',
  good: 'var(--good)',
  warning: 'var(--warn)',
  bad: 'var(--bad)',
}

export function chart(
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
      axisLabel: { color: INK, fontFamily: FONT, hideOverlap: true, minMargin: LABEL_MARGIN, formatter: format },
      axisLine: { lineStyle: { color: RULE } },
      axisTick: { lineStyle: { color: RULE } },
      splitLine: { show: false },
    },
    yAxis,
    series,
  }
}

export function valueAxis(
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

export function line(data: readonly Point[], option: LineSeriesOption): LineSeriesOption {
  return { type: 'line', silent: true, symbol: 'none', ...option, data: toData(data) }
}

export function toData(points: readonly Point[]): (number | null)[][] {
  return points.map(([ms, value]) => [ms, value])
}

/**
 * Every other step is shaded.
 *
 * @param size of the chart, when each step is to tell its percentage; null: none does
 */
export function stepBands(report: Report, size: Size | null): MarkAreaComponentOption {
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
export function eventLines(report: Report, size: Size | null): MarkLineComponentOption {
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
