import type { Authorize } from '../../identity/user.ts'
import type { Objects } from '../../objects/objects.ts'
import { forbidden, type Refused, textOf } from '../../objects/refused.ts'
import type { Operation } from '../operation.ts'

/** Admission plugin of the API server's own. Changes the object, or throws `Refused`. */
export type Plugin = (operation: Operation, objects: Objects, authorize: Authorize) => void

/** The 403 of a plugin. A name that is not made yet is named by its beginning (apiserver, admission.NewForbidden). */
export const refusedBy = ({ kind, name, object }: Operation, message: string): Refused => {
  const { name: own, generateName } = object?.metadata ?? {}
  return forbidden(kind, name || generateName || own || 'Unknown', message)
}

/** True for an operation on this resource, as `nodes` or `pods/status`. */
export const isOn = ({ kind, subresource }: Operation, resource: string): boolean =>
  (subresource === '' ? textOf(kind) : `${textOf(kind)}/${subresource}`) === resource
