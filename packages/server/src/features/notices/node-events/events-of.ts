import { createHash } from 'node:crypto'
import { calledOf } from '@joinery/protocol'
import type { NodeEvent } from '../../../core/ports/cluster/node-events.ts'
import type { Change } from '../../../core/ports/store/change.ts'
import type { EnrolmentDocument } from '../../../core/ports/store/documents/enrolment-document.ts'

/** Most characters of a note: the API server takes 1,024 bytes. */
const noteAtMost = 250

/** The Events on Nodes that a change makes: a Node is ready, was removed, or must not be. */
export const nodeEventsOf = ({ entries = [], enrolments = [] }: Change): NodeEvent[] => {
  const byId = new Map(enrolments.map((enrolment) => [enrolment.id, enrolment]))
  return entries.flatMap(({ subject, entry: { event, detail, at } }) => {
    const kind = calledOf(event)?.node
    const enrolment = byId.get(subject)
    const uid = enrolment && uidOf(enrolment, event)
    if (kind === undefined || enrolment === undefined || uid === undefined) return []
    const { name } = enrolment
    const hash = createHash('sha256').update([subject, event, at, uid].join('\n')).digest('hex').slice(0, 16)
    const said = event === 'remove' ? 'An operator took the machine out of the cluster' : detail
    return [{ ...kind, id: `${name.slice(0, 200)}.${hash}`, node: name, uid, note: said.slice(0, noteAtMost), at }]
  })
}

/** Uid of the Node that the event is about. */
const uidOf = ({ node, certificates: { unwantedNode } }: EnrolmentDocument, event: string): string | undefined =>
  event === 'unwanted-node' ? (unwantedNode ?? node?.uid) : node?.uid
