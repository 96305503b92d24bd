import assert from 'node:assert/strict'
import { checklistDocumentSchema, toChecklist, toChecklistDocument } from '../../../src/lib/contract/checklist.js'
import { attemptRecords, type AllRecords } from '../../../src/lib/core/attempt.js'
import { judgeChecklist } from '../../../src/lib/core/checklist-evidence.js'
import { checklistText } from '../../../src/lib/render/checklist.js'
import { createPalette } from '../../../src/lib/render/palette.js'
import { hasControls, HOSTILE } from '../../support/events.js'

const SERVER = 'http://127.0.0.1:8000'
const layout = { palette: createPalette(false), width: 80 }
const records: AllRecords = {
  runs: [],
  backups: [{ path: '/srv/.env.bak', at: '2026-11-24T09:00:00.000Z' }],
  signatures: [{ server: SERVER, item: 'team-told', by: 'ada@desk', at: '2026-11-24T09:30:00.000Z', note: HOSTILE }],
}
const judged = judgeChecklist(attemptRecords(records, SERVER))
const document = toChecklistDocument(SERVER, null, toChecklist(judged, ['pre-deployment']))

describe('the checklist for people', () => {
  it('ticks what is proven or signed, with who and why, and nothing else', () => {
    const text = checklistText(document, layout)
    assert.match(text, /1 proven, 1 signed, 4 open/)
    assert.match(text, /\[x\] +configuration-copied .*\n +proven: \/srv\/\.env\.bak, 2026-11-24/)
    assert.match(text, /\[x\] +team-told .*\n +signed: up red next.*\n? +\(ada@desk,\s+2026-11-24T09:30:00Z\)/)
    assert.match(text, /\[ \] +staging-validated/)
    assert.match(text, /wsctl checklist sign ITEM --note TEXT/)
    assert.ok(text.split('\n').every((line) => !hasControls(line)))
  })

  it('says since when it has begun anew', () => {
    const since = '2026-11-24T08:00:00.000Z'
    assert.match(checklistText({ ...document, since }, layout), /taken back at 2026-11-24T08:00:00Z/)
  })

  it('is a document that conforms', () => {
    assert.deepEqual(checklistDocumentSchema.parse(document), document)
  })
})
