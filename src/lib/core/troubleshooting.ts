import { recordTroubles } from './trouble-records.js'
import { serverTroubles } from './trouble-server.js'
import { trafficTroubles } from './trouble-traffic.js'
import { TROUBLES, type Trouble, type TroubleFacts } from './trouble.js'

/** What is wrong, or good to know: problems first, and the gravest of them first. */
export function troubleshoot(facts: TroubleFacts): readonly Trouble[] {
  const found = [...serverTroubles(facts), ...trafficTroubles(facts), ...recordTroubles(facts)]
  const rank = ({ level, trouble }: Trouble): number =>
    (level === 'problem' ? 0 : TROUBLES.length) + TROUBLES.indexOf(trouble)
  return found.toSorted((a, b) => rank(a) - rank(b))
}
