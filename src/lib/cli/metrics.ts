import type { RunMetrics } from '../adapters/run-metrics.js'
import { WsctlError } from '../core/error.js'
import type { Sink } from '../ports/sink.js'
import { tell } from './tell.js'

/** Flags that say where metrics go. */
export interface MetricsFlags {
  readonly 'metrics-listen'?: string | undefined
  readonly 'metrics-file'?: string | undefined
}

export interface MetricsOptions {
  /** Whether another process will do it, and this one only looks whether that can be. */
  readonly isTried?: boolean
  /** What cannot be is a warning: nothing may keep a run from being taken over. */
  readonly warnOnly?: boolean
}

/**
 * Opens what the flags name; null for nothing.
 *
 * @throws WsctlError (usage) for an address that is taken, or a file that cannot be written
 */
export async function openMetrics(
  { 'metrics-listen': address, 'metrics-file': path }: MetricsFlags,
  { isTried = false, warnOnly = false }: MetricsOptions = {},
): Promise<Sink | null> {
  if (address === undefined && path === undefined) return null
  const adapter = await import('../adapters/run-metrics.js')
  const metrics = new adapter.RunMetrics()
  const opened = [
    address === undefined ? null : await unlessBarred(() => serve(metrics, address, isTried), warnOnly),
    path === undefined ? null : await unlessBarred(() => keep(metrics, path), warnOnly),
  ]
  const outlets = opened.filter((outlet) => outlet !== null)
  return {
    notify: (event, state) => {
      metrics.update(event, state)
      for (const outlet of outlets) outlet.changed()
    },
    close: async () => {
      for (const outlet of outlets) await outlet.close()
    },
  }
}

interface Outlet {
  changed(): void
  close(): void | Promise<void>
}

async function serve(metrics: RunMetrics, address: string, isTried: boolean): Promise<Outlet> {
  const { parseListenAddress, serveMetrics } = await import('../adapters/metrics-server.js')
  const { url, close } = await serveMetrics(metrics, parseListenAddress(address))
  if (isTried) close()
  else tell(`Note: metrics are served at ${url}`)
  return { changed: () => undefined, close }
}

async function keep(metrics: RunMetrics, path: string): Promise<Outlet> {
  const { checkMetricsFile, MetricsFile } = await import('../adapters/metrics-file.js')
  checkMetricsFile(path)
  const file = new MetricsFile(path, () => metrics.text())
  return { changed: () => file.changed(), close: () => file.settled() }
}

async function unlessBarred(open: () => Promise<Outlet>, warnOnly: boolean): Promise<Outlet | null> {
  try {
    return await open()
  } catch (error) {
    if (!warnOnly || !(error instanceof WsctlError)) throw error
    tell(`Warning: ${error.message}`)
    return null
  }
}
