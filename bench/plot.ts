import type { Row } from './figures.js'

const WIDTH = 760
const BAR = 44
const MARGIN = { left: 300, right: 70, top: 34, bottom: 30 }
/** Told apart without colour too: by their place and by the words above. */
const COLOURS = { measured: '#2563eb', goal: '#9ca3af', peer: '#d97706' }

/** Bars of what was measured, of its goal and of its peer, as an SVG document. All rows are of one unit. */
export async function barChart(rows: readonly Row[]): Promise<string> {
  const [{ init, use }, { BarChart }, { GridComponent, LegendComponent }, { SVGRenderer }] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ])
  use([BarChart, GridComponent, LegendComponent, SVGRenderer])
  const height = MARGIN.top + MARGIN.bottom + rows.length * BAR
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  const bars = (name: string, colour: string, of: (row: Row) => number | null) => ({
    type: 'bar' as const,
    name,
    data: rows.map((row) => {
      const value = of(row)
      return value === null ? null : Number(value.toPrecision(3))
    }),
    itemStyle: { color: colour },
    label: { show: true, position: 'right' as const, color: '#6b7280' },
    barGap: '10%',
  })
  const peer = rows.find((row) => row.peer !== null)?.peer?.name
  try {
    chart.setOption({
      animation: false,
      legend: { top: 0, textStyle: { color: '#6b7280' } },
      grid: MARGIN,
      xAxis: { type: 'value', name: rows[0]?.unit ?? '', splitLine: { lineStyle: { opacity: 0.3 } } },
      yAxis: {
        type: 'category',
        inverse: true,
        data: rows.map(({ name }) => name),
        axisLabel: { width: MARGIN.left - 20, overflow: 'break', color: '#6b7280' },
      },
      series: [
        bars('measured', COLOURS.measured, ({ value }) => value),
        bars('at most', COLOURS.goal, ({ goal }) => goal),
        ...(peer === undefined ? [] : [bars(peer, COLOURS.peer, (row) => row.peer?.value ?? null)]),
      ],
    })
    return `${chart.renderToSVGString()}\n`
  } finally {
    chart.dispose()
  }
}
