import type { ChartOption, Size } from './chart-parts.js'

/** Draws one chart after the other. */
export type Draw = (option: ChartOption, size: Size) => string

/**
 * Loads what draws. A drawing is what stands inside an `svg` element: no script, no style, nothing to hover,
 * and ids that no other drawing of the same page has.
 */
export async function loadDraw(): Promise<Draw> {
  const [
    { init, use },
    { LineChart, ScatterChart },
    { GridComponent, MarkAreaComponent, MarkLineComponent },
    { SVGRenderer },
  ] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ])
  use([LineChart, ScatterChart, GridComponent, MarkAreaComponent, MarkLineComponent, SVGRenderer])
  let drawn = 0
  return (option, { width, height }) => {
    const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
    try {
      chart.setOption(option)
      drawn += 1
      return plain(chart.renderToSVGString(), `c${drawn}-`)
    } finally {
      chart.dispose()
    }
  }
}

function plain(svg: string, prefix: string): string {
  return svg
    .replace(/^<svg[^>]*>/, '')
    .replace(/<\/svg>\s*$/, '')
    .replaceAll(/<style[^>]*>[^]*?<\/style>/g, '')
    .replaceAll(/ (?:class|ecmeta_\w+|pointer-events|xml:space)="[^"]*"/g, '')
    .replaceAll(/\bzr\d+-/g, prefix)
    .replaceAll('\n', '')
}
