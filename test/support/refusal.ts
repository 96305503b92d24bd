import assert from 'node:assert/strict'
import { WsctlError } from '../../src/lib/core/error.js'

/** The error that an operator is shown for this; fails when there is none, or one that nobody worded. */
export async function refusalOf(act: () => unknown): Promise<WsctlError> {
  try {
    await act()
  } catch (error) {
    if (error instanceof WsctlError) return error
    throw error
  }
  assert.fail('a refusal was expected')
}
