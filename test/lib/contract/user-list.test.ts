import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseUserList, refuseOverlap } from '../../../src/lib/contract/user-list.js'
import { refusalOf } from '../../support/refusal.js'

const FLAG = '--rollout-users'

describe('a list of users', () => {
  it('takes commas, spaces, lines and repeats, in the order given', () => {
    assert.deepEqual(parseUserList(['ann,ben', ' cat  dan ', 'eve ,\tfay', 'gus\r\nhal\nida'], FLAG), [
      'ann',
      'ben',
      'cat',
      'dan',
      'eve',
      'fay',
      'gus',
      'hal',
      'ida',
    ])
  })

  it('names nobody when it is empty', () => {
    for (const values of [[], [''], ['  ', '\n']]) assert.deepEqual(parseUserList(values, FLAG), [])
  })

  it('names everybody once', () => {
    assert.deepEqual(parseUserList(['ann,ben ann', 'ben'], FLAG), ['ann', 'ben'])
    assert.deepEqual(parseUserList(['Ann', 'ann'], FLAG), ['Ann', 'ann'], 'ids are told apart by case')
  })

  it('takes every id that the server can hold', () => {
    const ids = ['a/b', "o'neil", 'ann@example.com', 'müller', '日本', '#1', 'a=b', '$HOME', '"q"', '-x', '@ann', '👍']
    assert.deepEqual(parseUserList([ids.join(',')], FLAG), ids)
  })

  it('refuses an empty id between commas, wherever it is', async () => {
    for (const value of ['ann,,ben', ',ann', 'ann,', ',', 'ann, ,ben']) {
      const error = await refusalOf(() => parseUserList([value], FLAG))
      assert.match(error.message, /^--rollout-users holds an empty id/)
      assert.equal(error.exitCode, 2)
      assert.match(error.suggestions.join(), /alice,bob/)
    }
  })

  it('refuses control characters, and shows them harmlessly', async () => {
    for (const character of ['\u0000', '\u0007', '\u001B', '\u007F', '\u0085', '\u009B']) {
      const error = await refusalOf(() => parseUserList([`an${character}n`], FLAG))
      assert.match(error.message, /control characters/)
      assert.doesNotMatch(error.message, /[\u0000\u0007\u001B]/)
    }
  })

  it('is the same list when it is read again from its ids', () => {
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(fc.array(text), (values) => {
        let ids: readonly string[]
        try {
          ids = parseUserList(values, FLAG)
        } catch {
          return
        }
        assert.deepEqual(parseUserList(ids, FLAG), ids)
        assert.deepEqual(parseUserList([ids.join(',')], FLAG), ids, 'as the server stores it')
        assert.equal(new Set(ids).size, ids.length)
        assert.ok(ids.every((id) => id !== '' && id.trim() === id && !id.includes(',')))
      }),
    )
  })
})

describe('two lists', () => {
  it('may not share a user, whom force-legacy would silently win', async () => {
    refuseOverlap(['ann', 'ben'], ['cat'])
    const error = await refusalOf(() => refuseOverlap(['ann', 'ben', 'cat'], ['cat', 'ann']))
    assert.equal(error.message, 'on both lists: ann, cat')
    assert.equal(error.exitCode, 2)
  })

  it('that share many users are told with the first few and how many more', async () => {
    const ids = Array.from({ length: 8 }, (_, index) => `u${index}`)
    const error = await refusalOf(() => refuseOverlap(ids, ids))
    assert.equal(error.message, 'on both lists: u0, u1, u2, u3, u4, and 3 more')
  })
})
