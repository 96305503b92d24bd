import assert from 'node:assert/strict'
import type { AxiosAdminApi } from '../../../src/lib/adapters/axios-admin-api.js'
import type { FailureKind } from '../../../src/lib/core/error.js'
import { adminApi, CONFIGURATION, failureOf, json, Scene } from './axios-scene.js'
import { readSample, sampleNames } from '../../support/samples.js'

interface Expectation {
  readonly call: (api: AxiosAdminApi) => Promise<unknown>
  /** What the call comes to: a part of its value, or a kind of failure and a part of its message. */
  readonly value?: unknown
  readonly fails?: readonly [FailureKind, RegExp]
}

const status = (api: AxiosAdminApi): Promise<unknown> => api.readStatus()
const stats = (api: AxiosAdminApi): Promise<unknown> => api.stats()
const health = (api: AxiosAdminApi): Promise<unknown> => api.health()
const configure = (api: AxiosAdminApi): Promise<unknown> => api.configure(CONFIGURATION)
const emergency = (api: AxiosAdminApi): Promise<unknown> => api.emergencyRollback()
const user =
  (id: string) =>
  (api: AxiosAdminApi): Promise<unknown> =>
    api.user(id)

const FRESH = { settings: { mode: 'disabled', percentage: 0 }, open: { legacy: null, unified: null } }

/** One row for each file of the folder. */
const EXPECTATIONS: Readonly<Record<string, Expectation>> = {
  'auth-401-bad-token': { call: status, fails: ['unauthorized', /401 Unauthorized: Invalid token/] },
  'auth-401-expired-token': { call: status, fails: ['unauthorized', /401 Unauthorized: Invalid token/] },
  'auth-403-no-token': { call: status, fails: ['forbidden', /403 Forbidden: Not authenticated/] },
  'auth-403-not-admin': { call: status, fails: ['forbidden', /Superuser privileges required/] },
  'clear-cache': { call: (api) => api.clearCache(), value: true },
  'configure-400-unknown-mode': { call: configure, fails: ['rejected', /400 .*Invalid migration mode: canary/] },
  'configure-422-not-json': { call: configure, fails: ['rejected', /422 .*Invalid JSON/] },
  'configure-422-percentage-101': { call: configure, fails: ['rejected', /less than or equal to 100/] },
  'configure-full-body': { call: configure, value: undefined },
  'configure-lists-omitted': { call: configure, fails: ['invalid-answer', /listed users 2 was sent, 0 is stored/] },
  'emergency-rollback-500-but-applied': { call: emergency, fails: ['server-error', /500 .*Failed to perform/] },
  'emergency-rollback-ok': { call: emergency, value: undefined },
  'health-degraded': { call: health, value: { health_status: 'degraded', error_summary: { routing_errors: 34 } } },
  'health-fresh': { call: health, value: { health_status: 'healthy', issues: [] } },
  'stats-after-traffic': { call: stats, value: { router_stats: { legacy_connections: 436, routing_errors: 34 } } },
  'stats-fresh': { call: stats, value: { legacy_stats: null, unified_stats: null } },
  'stats-real-unified-connection': { call: stats, value: { unified_stats: { uptime_seconds: 0.001748 } } },
  'status-500-invalid-mode-in-env': { call: status, fails: ['server-error', /500 .*Failed to get WebSocket/] },
  'status-after-configure': {
    call: status,
    value: {
      settings: { percentage: 25, explicitRolloutUsers: 2, forcedLegacyUsers: 1, legacyFallback: false },
    },
  },
  'status-after-emergency-rollback': {
    call: status,
    value: {
      settings: { mode: 'disabled', percentage: 20 },
      counters: { legacy: 436, unified: 64, errors: 34, fallbacks: 34 },
      open: { legacy: 436, unified: 64 },
    },
  },
  'status-after-emergency-rollback-500': { call: status, value: { settings: { mode: 'disabled', percentage: 25 } } },
  'status-after-lists-omitted': { call: status, value: { settings: { percentage: 30, explicitRolloutUsers: 0 } } },
  'status-after-restart': { call: status, value: FRESH },
  'status-fresh': { call: status, value: FRESH },
  'unknown-path-404': { call: status, fails: ['not-found', /404 Not Found: The requested path/] },
  'user-404-slash-in-id': { call: user('x'), fails: ['not-found', /404 Not Found: The requested path/] },
  'user-forced-legacy': { call: user('mallory'), value: { system: 'legacy', forced_legacy: true } },
  'user-in-explicit-list': { call: user('alice'), value: { system: 'unified', in_explicit_list: true } },
  user: { call: user('user7'), value: { user_id: 'user7', use_unified: false, rollout_percentage: 25 } },
  // Endpoints that wsctl does not call: their answers are not taken for those of others.
  'deploy-gradual': { call: configure, fails: ['invalid-answer', /: configuration: expected object, /] },
  'migrate-users': { call: configure, fails: ['invalid-answer', /: configuration: expected object, /] },
  'rollback-gradual': { call: emergency, fails: ['invalid-answer', /rollback_info\.migration_mode_set_to: /] },
}

describe('an answer captured from the server', () => {
  const scene = new Scene()
  afterEach(() => scene.close())

  it('has an expectation here, whichever it is', () => {
    assert.deepEqual(Object.keys(EXPECTATIONS).sort(), sampleNames())
  })

  for (const [name, { call, value, fails }] of Object.entries(EXPECTATIONS)) {
    it(`${name} is ${fails ? `a failure: ${fails[0]}` : 'understood'}`, async () => {
      const { response } = readSample(name)
      const server = await scene.http((out) => json(out, response.status, response.body, response.headers))
      const result = call(adminApi(server.url))
      if (fails) {
        const { failure } = await failureOf(result, fails[0])
        assert.match(failure.message, fails[1])
        assert.equal(failure.status, response.status)
      } else {
        assertContains(await result, value)
      }
      assert.equal(server.received.length, 1)
    })
  }
})

/** Every key of `expected` is in `actual` with the same value, at any depth. */
function assertContains(actual: unknown, expected: unknown): void {
  if (typeof expected !== 'object' || expected === null) return assert.equal(actual, expected)
  assert.ok(typeof actual === 'object' && actual !== null)
  for (const [key, value] of Object.entries(expected)) assertContains(Reflect.get(actual, key), value)
}
