import type { User } from '../identity/user.ts'
import type { Kind } from '../kinds/kind.ts'
import type { KubeObject } from '../objects/kube-object.ts'

/** A write on its way to the store (apiserver, admission.Attributes). */
export interface Operation {
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  kind: Kind
  /** Empty for the object itself. */
  subresource: string
  /** Empty for a new object whose name the API server makes. */
  name: string
  namespace: string
  user: User
  /** The object as it is to be. Absent for DELETE. A plugin that mutates changes it. */
  object?: KubeObject
  /** The object as it is. Absent for CREATE. */
  before?: KubeObject
  dryRun: boolean
  /** Options of the request, as `{ kind: 'DeleteOptions', ... }`. */
  options: Readonly<Record<string, unknown>>
}
