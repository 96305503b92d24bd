import type { Plugin } from 'esbuild'

/** Libraries that few commands use: each is a file of its own, with all that it depends on. */
export const LIBRARIES: Readonly<Record<string, string>> = {
  'cli-table3': `module.exports = require('cli-table3')`,
  // What the charts of a report are drawn with; the whole is ten times as large.
  echarts: `
export { init, use } from 'echarts/core'
export { LineChart, ScatterChart } from 'echarts/charts'
export { GridComponent, MarkAreaComponent, MarkLineComponent } from 'echarts/components'
export { SVGRenderer } from 'echarts/renderers'`,
  ora: `export { default } from 'ora'`,
  // Shared state on PostgreSQL; what it has for other platforms is left out.
  pg: `module.exports = { Client: require('pg').Client }`,
  'prom-client': `module.exports = require('prom-client')`,
  ws: `module.exports = require('ws')`,
  yaml: `module.exports = require('yaml')`,
}

/** Of them, what is imported at the start by what seldom uses it. */
export const LATE_LIBRARIES = ['cli-table3']

/** Leaves the imports of these libraries, or of parts of them, to their files. */
export function libraries(): Plugin {
  const filter = new RegExp(`^(${Object.keys(LIBRARIES).join('|')})(/.*)?$`)
  return {
    name: 'libraries',
    setup(build) {
      build.onResolve({ filter }, ({ path }) => ({ path: `./${path.split('/')[0] ?? path}.js`, external: true }))
    },
  }
}
