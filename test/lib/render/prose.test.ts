import assert from 'node:assert/strict'
import { layList, layProse } from '../../../src/lib/render/prose.js'

const GO_ON = 'wsctl deploy gradual --initial-percentage 20 --max-percentage 50'

describe('sentences on a terminal', () => {
  it('are broken between words, under one another', () => {
    assert.deepEqual(layProse('the server at 20 % did not answer', 24, { first: 'Error: ' }), [
      'Error: the server at',
      '       20 % did not',
      '       answer',
    ])
  })

  it('stay whole in a pipe, and where they fit', () => {
    const long = `to go on: ${GO_ON}`
    assert.deepEqual(layProse(long, Number.POSITIVE_INFINITY, { first: '  - ' }), [`  - ${long}`])
    assert.deepEqual(layProse(long, 80, { first: '  - ' }), [`  - ${long}`])
  })

  it('put a command that does not fit on a line of its own, whole however long it is', () => {
    assert.deepEqual(layProse(`to go on, without the gates of the plan file: ${GO_ON}`, 40, { first: '  - ' }), [
      '  - to go on, without the gates of the',
      '    plan file:',
      `    ${GO_ON}`,
    ])
    const curl = `curl -X POST -H "Authorization: Bearer $WSCTL_TOKEN" 'https://a.example/api/emergency-rollback'`
    assert.deepEqual(layList([`by hand, now: ${curl}`], 40, '  '), ['  by hand, now:', `  ${curl}`])
    assert.deepEqual(layProse(GO_ON, 40), [GO_ON])
  })

  it('keep what stands behind a command apart from it', () => {
    assert.deepEqual(layProse(`wsctl rollout resume 2026   deploy gradual on http://a, last seen at 5 %`, 32), [
      'wsctl rollout resume 2026',
      'deploy gradual on http://a, last',
      'seen at 5 %',
    ])
  })

  it('never break a path', () => {
    const path = '/home/ana/.local/state/wsctl/runs/20261130-141500-abcd1.log'
    assert.ok(layProse(`the log is in ${path} and stays`, 30).includes(path))
  })

  it('keep a flag with its value', () => {
    assert.deepEqual(layProse('name it: --env-file FILE (or WSCTL_ENV_FILE)', 20), [
      'name it:',
      '--env-file FILE (or',
      'WSCTL_ENV_FILE)',
    ])
  })

  it('leave alone what is laid out already, and break each line by itself', () => {
    assert.deepEqual(layProse('one two three\n  four five six seven', 10), [
      'one two',
      'three',
      '  four five six seven',
    ])
  })
})
