import assert from 'node:assert/strict'
import { defused, workflowCommand } from '../../../src/lib/render/workflow-command.js'

describe('commands for GitHub Actions', () => {
  it('stay one line, whatever a message holds', () => {
    assert.equal(workflowCommand('error', 'errors 5 %\r\nat 20 %'), '::error::errors 5 %25%0D%0Aat 20 %25')
  })

  it('take nothing in a title for another property or for the message', () => {
    assert.equal(
      workflowCommand('warning', 'a: b, c', { title: 'at 5 %: one, two\n::error::three' }),
      '::warning title=at 5 %25%3A one%2C two%0A%3A%3Aerror%3A%3Athree::a: b, c',
    )
  })

  it('do not undo what is escaped already', () => {
    assert.equal(workflowCommand('notice', '%0A'), '::notice::%250A')
  })

  it('are not made by a line that only looks like one', () => {
    assert.equal(defused('the server said ##[add-mask]secret'), 'the server said # #[add-mask]secret')
    assert.equal(defused('::stop-commands::x'), ': :stop-commands::x')
    assert.equal(defused('  ::set-output name=a::b'), '  : :set-output name=a::b')
    assert.equal(defused('2026-11-24T09:00:00Z info a::b'), '2026-11-24T09:00:00Z info a::b')
  })
})
