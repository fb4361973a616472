import type { AuditLeaf, PlacedLeaf } from '@joinery/protocol'

/** A leaf that can be read, at its place. */
export type ReadLeaf = PlacedLeaf & { leaf: AuditLeaf }

export const isRead = (one: PlacedLeaf): one is ReadLeaf => one.leaf !== undefined

/** The leaves that say how one machine came in, and what of it no leaf says. */
export interface Chain {
  leaves: ReadLeaf[]
  missing: string[]
}

/** Events of codes, whose subject is the code. */
const ofCodes: readonly string[] = ['create', 'revoke', 'used', 'quota']

/**
 * The chain of the newest enrolment of a name: code, person, key, credential, certificate, Node. Undefined if no leaf has an enrolment
 * of that name.
 */
export const chainOf = (leaves: readonly ReadLeaf[], name: string): Chain | undefined => {
  const isOfMachine = ({ leaf }: ReadLeaf): boolean =>
    !ofCodes.includes(leaf.event) && leaf.fields.role !== undefined && leaf.fields.name === name
  const subject = leaves.findLast(isOfMachine)?.leaf.subject
  if (subject === undefined) return undefined
  const own = leaves.filter(({ leaf }) => leaf.subject === subject)
  const codes = new Set(own.flatMap(({ leaf }) => (leaf.fields.code ? [leaf.fields.code] : [])))
  const chain = leaves.filter(
    ({ leaf }) =>
      leaf.subject === subject ||
      // a code for many machines was also used by others
      (codes.has(leaf.subject) && (leaf.event !== 'used' || `${leaf.fields.detail}`.includes(subject)))
  )
  return { leaves: chain, missing: missingOf(chain.map(({ leaf }) => leaf)) }
}

const missingOf = (leaves: readonly AuditLeaf[]): string[] => {
  const has = (...events: string[]): boolean => leaves.some(({ event }) => events.includes(event))
  const hasField = (field: string): boolean => leaves.some(({ fields }) => fields[field] !== undefined)
  // a join command is code, approval and claim in one
  const byCommand = has('join-command')
  return [
    ...(has('create') || byCommand ? [] : ['who made the code']),
    ...(has('approve', 'retry') || byCommand ? [] : ['who approved the machine']),
    ...(hasField('token') || hasField('credentialCsr') ? [] : ['which credential it got']),
    ...(hasField('serial') ? [] : ['which certificate its kubelet got']),
    ...(hasField('node') ? [] : ['which Node it is'])
  ]
}
