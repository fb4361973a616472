import type { NodeEventKind } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'

/** An Event on a Node, as `kubectl describe node` shows it. */
export interface NodeEvent extends NodeEventKind {
  /** Name of the object. One event of an enrolment has one name, so it is there once. */
  id: string
  node: string
  uid: string
  note: string
  at: string
}

/** The Events of a cluster. Throws `cluster-unavailable` if the API is down or refuses. */
export interface NodeEvents {
  /** Makes the Event. If it is there already, that is success. */
  put(event: NodeEvent): Promise<void>
}
export const NodeEvents = Symbol('NodeEvents') as InjectionToken<NodeEvents>
