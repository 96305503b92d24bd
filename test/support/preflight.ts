import type { PreflightFacts, Reading } from '../../src/lib/core/preflight-facts.js'
import {
  examine,
  type PreflightCheck,
  type PreflightFinding,
  type PreflightReport,
} from '../../src/lib/core/preflight.js'
import type { Counters, Settings } from '../../src/lib/core/server.js'
import { serverStatus } from './events.js'
import { gradual } from './rollouts.js'

/** What a reading changes in a fresh server. */
export interface ReadingChange {
  readonly settings?: Partial<Settings>
  readonly counters?: Partial<Counters>
}

/** Readings of a fresh server, 250 ms apart. */
export function readings(...changes: readonly ReadingChange[]): readonly Reading[] {
  return changes.map(({ settings, counters }, index) => {
    const fresh = serverStatus(settings)
    return { status: { ...fresh, counters: { ...fresh.counters, ...counters } }, atMs: index * 250, tookMs: 12 }
  })
}

/** Seven readings of one process, with so many attempts from each to the next. */
export function steady(attempts: number, settings: Partial<Settings> = {}): readonly Reading[] {
  return readings(...[...Array(7).keys()].map((index) => ({ settings, counters: { legacy: 100 + attempts * index } })))
}

/** What is found when everything is as it should be: 20 attempts a second, steps of five minutes. */
export function facts(change: Partial<PreflightFacts> = {}): PreflightFacts {
  return {
    plan: gradual(),
    startRefusal: null,
    nowMs: Date.UTC(2026, 10, 24, 9),
    paths: { admin: '/api/websocket-admin', stats: '/api/websocket/stats' },
    readings: steady(5),
    readFailure: null,
    adminPathExists: null,
    token: { origin: 'WSCTL_TOKEN', expiresMs: Date.UTC(2026, 10, 25, 9), renewable: false },
    statsFailure: null,
    health: { status: 'healthy', issues: [] },
    pinSources: { rolloutUsers: [], forceLegacyUsers: [] },
    environmentFile: { path: '/srv/app/.env', backups: 2, problem: null },
    records: { folder: '/var/lib/wsctl/runs', problem: null },
    lockHolder: null,
    ...change,
  }
}

/** What one check says; its verdict is `unchecked` when it could not be made. */
export function finding(
  report: PreflightReport,
  check: PreflightCheck,
): Omit<PreflightFinding, 'check' | 'verdict'> & { readonly verdict: PreflightFinding['verdict'] | 'unchecked' } {
  const found = report.findings.find((one) => one.check === check)
  if (found) return found
  const left = report.unchecked.find((one) => one.check === check)
  if (left) return { verdict: 'unchecked', reason: left.reason, suggestions: [] }
  throw new RangeError(`the report says nothing of ${check}`)
}

export function judge(check: PreflightCheck, change: Partial<PreflightFacts>) {
  return finding(examine(facts(change)), check)
}
