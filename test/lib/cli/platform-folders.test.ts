import assert from 'node:assert/strict'
import { NOWHERE, platformFolder, type Platform } from '../../../src/lib/cli/platform-folders.js'

describe('the platform folders', () => {
  const linux = (variables: Platform['variables'], accountHome = () => '/home/ada'): Platform => ({
    ...{ name: 'linux', variables, accountHome },
  })

  for (const [what, variables, folder] of [
    ['are in the home of the account', {}, '/home/ada/.local/state/wsctl'],
    ['are in HOME', { HOME: '/srv/ada' }, '/srv/ada/.local/state/wsctl'],
    ['take an empty HOME for one that is not set', { HOME: '' }, '/home/ada/.local/state/wsctl'],
    ['are never in the working folder', { HOME: 'ada' }, '/home/ada/.local/state/wsctl'],
    ['are where XDG_STATE_HOME says', { HOME: '/srv', XDG_STATE_HOME: '/var/state' }, '/var/state/wsctl'],
    ['pass an empty XDG_STATE_HOME over', { HOME: '/srv', XDG_STATE_HOME: '' }, '/srv/.local/state/wsctl'],
    ['pass a relative XDG_STATE_HOME over', { HOME: '/srv', XDG_STATE_HOME: 'state' }, '/srv/.local/state/wsctl'],
  ] as const) {
    it(what, () => {
      assert.equal(platformFolder('state', linux(variables)), folder)
    })
  }

  it('hold the contexts in one of their own', () => {
    assert.equal(platformFolder('config', linux({ HOME: '/srv' })), '/srv/.config/wsctl')
    assert.equal(platformFolder('config', linux({ XDG_CONFIG_HOME: 'here' })), '/home/ada/.config/wsctl')
  })

  it('are where a Mac keeps such things', () => {
    const mac: Platform = { ...linux({ HOME: '/Users/ada' }), name: 'darwin' }
    assert.equal(platformFolder('state', mac), '/Users/ada/Library/Application Support/wsctl')
    assert.equal(platformFolder('config', mac), '/Users/ada/Library/Preferences/wsctl')
  })

  it('are nowhere when no home can be found, unless a variable names them', () => {
    const noAccount = (): string => {
      throw new Error('ENOENT')
    }
    for (const home of [noAccount, () => '']) {
      assert.equal(platformFolder('state', linux({ HOME: '' }, home)), NOWHERE)
      assert.equal(platformFolder('state', linux({ XDG_STATE_HOME: '/var/state' }, home)), '/var/state/wsctl')
    }
  })
})
