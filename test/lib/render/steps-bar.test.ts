import assert from 'node:assert/strict'
import type { EventBody } from '../../../src/lib/core/event.js'
import { createPalette } from '../../../src/lib/render/palette.js'
import { stepsBar } from '../../../src/lib/render/steps-bar.js'
import { widthOf } from '../../../src/lib/render/text.js'
import { Story } from '../../support/events.js'
import { gradual } from '../../support/rollouts.js'

const palette = createPalette(false)

function reach(steps: number, stepSize: number): Story {
  const story = new Story(gradual({ initialPercentage: stepSize, maxPercentage: 100, stepSize }))
  for (let step = 0; step <= steps; step++) {
    const percentage = (step + 1) * stepSize
    const passed: readonly EventBody[] = step < steps ? [{ type: 'step-passed', step, percentage, proven: true }] : []
    story.then({ type: 'step-started', step, percentage, again: false }, ...passed)
  }
  return story
}

describe('bar of steps', () => {
  it('marks what passed, what runs and what is to come', () => {
    assert.equal(stepsBar(reach(2, 25).state, 80, palette), '25 ✓  50 ✓  75 ▶  100 ·  full ·')
  })

  it('marks a failed step and one without proof', () => {
    const story = reach(0, 50).then(
      { type: 'step-passed', step: 0, percentage: 50, proven: false },
      { type: 'step-started', step: 1, percentage: 100, again: false },
      { type: 'breached', step: 1, reason: 'x' },
    )
    assert.equal(stepsBar(story.state, 80, palette), '50 ?  100 ✗  full ·')
  })

  it('fits a hundred steps into any terminal and always shows the present one', () => {
    for (const step of [0, 1, 49, 98, 99]) {
      const { state } = reach(step, 1)
      for (let width = 16; width <= 120; width++) {
        const bar = stepsBar(state, width, palette)
        assert.ok(widthOf(bar) <= width, `${bar} in ${width} columns`)
        assert.match(bar, new RegExp(`\\b${step + 1} ▶`))
      }
    }
  })

  it('uses the room that there is', () => {
    assert.equal(stepsBar(reach(9, 5).state, 40, palette), '…  40 ✓  45 ✓  50 ▶  55 ·  60 ·  65 ·  …')
  })
})
