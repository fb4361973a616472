import { type Alert, isNodeName } from '@joinery/protocol'
import { isSettling } from '../generation/settling-entries.ts'
import type { Store } from '../ports/store/store.ts'
import { nodeSubject, policySubject, type SubjectEntry, storeSubject } from '../ports/store/timeline.ts'

/** An alert as an operator reads it: its subject, and the command that shows more. */
export const alertView = async (
  store: Pick<Store, 'enrolment' | 'enrolmentsByName'>,
  { subject, entry: { at, event, detail } }: SubjectEntry
): Promise<Alert> => {
  const said = { at, event, detail }
  if (subject.startsWith(nodeSubject(''))) return { ...said, subject, next: 'joinery nodes' }
  if (subject.startsWith(policySubject(''))) return { ...said, subject, next: 'joinery policy test' }
  if (event.startsWith('audit-')) return { ...said, subject, next: 'joinery audit verify' }
  if (event === 'receiver-ahead') return { ...said, subject, next: 'joinery webhook list' }
  if (event === 'log-edited') return { ...said, subject, next: 'joinery cluster doctor' }
  if (subject === storeSubject && isSettling(event)) return { ...said, subject, next: 'joinery approve --restored' }
  if (subject === storeSubject) return { ...said, subject, next: 'joinery code list' }
  const enrolment = await store.enrolment(subject)
  if (enrolment === undefined) return { ...said, subject: `code/${subject}`, next: `joinery code show ${subject}` }
  const { id, name } = enrolment
  const alone = isNodeName(name) && (await store.enrolmentsByName(name)).length === 1
  return { ...said, subject: `enrolment/${name}`, next: `joinery show ${alone ? name : id}` }
}
