import type { LeafField } from './leaf-fields.ts'
import { calledOf, timelineEvents } from './timeline-events.ts'

/** Leaves that no timeline has: those of the log itself, and that somebody read. */
export const ownEvents = {
  'log-opened': ['log', 'size', 'root', 'detail'],
  'log-closed': ['log'],
  read: ['detail']
} as const satisfies Record<string, readonly LeafField[]>
export type OwnEvent = keyof typeof ownEvents

/** Fields of the leaf of an event. Undefined if the event has no leaf. An event that the table does not know has one. */
export const leafFieldsOf = (event: string): readonly LeafField[] | undefined => {
  const { leaf } = calledOf(event) ?? { leaf: ['detail'] as const }
  return leaf === 'none' ? undefined : leaf
}

/** Events that have leaves, for those who choose among them. */
export const leafEvents: readonly string[] = [
  ...Object.keys(timelineEvents).filter((event) => leafFieldsOf(event) !== undefined),
  ...Object.keys(ownEvents)
]
