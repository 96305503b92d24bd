import assert from 'node:assert/strict'
import { findPins, requirePins, type ListSource, type PinSources } from '../../../src/lib/core/pins.js'
import { FRESH_SETTINGS } from '../../support/fakes.js'
import { refusalOf } from '../../support/refusal.js'

const none: PinSources = { rolloutUsers: [], forceLegacyUsers: [] }
const two = { ...FRESH_SETTINGS, explicitRolloutUsers: 2 }

function from(origin: string, ...users: readonly string[]): ListSource {
  return { origin, users }
}

describe('the pinned users', () => {
  it('are known to be none when the server says so', () => {
    assert.deepEqual(findPins(FRESH_SETTINGS, none), {
      pins: { rolloutUsers: [], forceLegacyUsers: [] },
      unknown: [],
      flags: [],
    })
  })

  it('are none by the word of the server, whatever old records hold', () => {
    const rolloutUsers = [from('the record 1', 'a', 'b')]
    assert.deepEqual(findPins(FRESH_SETTINGS, { ...none, rolloutUsers }).pins?.rolloutUsers, [])
  })

  it('come from the first source that is as long as the server says', () => {
    const rolloutUsers = [from('/srv/.env', 'a'), from('the record 1', 'a', 'b'), from('the record 2', 'c', 'd')]
    assert.deepEqual(findPins(two, { ...none, rolloutUsers }).pins?.rolloutUsers, ['a', 'b'])
  })

  it('may come from different sources, each list by itself', () => {
    const found = findPins(
      { ...two, forcedLegacyUsers: 1 },
      {
        rolloutUsers: [from('--rollout-users', 'a', 'b'), from('/srv/.env', 'x')],
        forceLegacyUsers: [from('/srv/.env', 'mallory')],
      },
    )
    assert.deepEqual(requirePins(found), { rolloutUsers: ['a', 'b'], forceLegacyUsers: ['mallory'] })
  })

  it('are not taken from elsewhere when the flag says otherwise', () => {
    const rolloutUsers = [from('--rollout-users', 'a', 'b', 'c'), from('the record 1', 'a', 'b')]
    const found = findPins(two, { ...none, rolloutUsers })
    assert.equal(found.pins, null)
    assert.match(found.unknown.join(), /holds 2 users, known are 3 in --rollout-users/)
  })

  it('are not taken from a flag that names users whom the server does not have', () => {
    const forceLegacyUsers = [from('--force-legacy-users', 'mallory')]
    const found = findPins(FRESH_SETTINGS, { ...none, forceLegacyUsers })
    assert.equal(found.pins, null)
    assert.match(found.unknown.join(), /its force-legacy list holds 0 users, known are 1 in --force-legacy-users/)
  })

  it('are all unknown as soon as one list is', () => {
    const found = findPins({ ...two, forcedLegacyUsers: 1 }, { ...none, rolloutUsers: [from('/srv/.env', 'a', 'b')] })
    assert.equal(found.pins, null)
    assert.deepEqual(found.flags, ['--force-legacy-users'])
  })

  it('are refused when nobody knows them, with what was tried and the flags to give', async () => {
    const rolloutUsers = [from('/srv/.env', 'a'), from('the record 1', 'a', 'b', 'c')]
    const settings = { ...two, forcedLegacyUsers: 1 }
    const error = await refusalOf(() => requirePins(findPins(settings, { ...none, rolloutUsers })))
    assert.deepEqual([error.code, error.exitCode], ['unknown-pins', 13])
    assert.match(error.message, /its rollout list holds 2 users, known are 1 in \/srv\/\.env, 3 in the record 1/)
    assert.match(error.message, /its force-legacy list holds 1 user, none are known here/)
    assert.match(error.message, /nothing was changed/)
    assert.equal(error.suggestions[0], 'name them: --rollout-users ID,ID,… --force-legacy-users ID,ID,… (or @FILE)')
  })

  it('are asked for by the flag of the list that is missing, and by no other', async () => {
    const { suggestions } = await refusalOf(() => requirePins(findPins(two, none)))
    assert.match(suggestions.join('\n'), /--rollout-users/)
    assert.doesNotMatch(suggestions.join('\n'), /--force-legacy-users/)
  })
})
