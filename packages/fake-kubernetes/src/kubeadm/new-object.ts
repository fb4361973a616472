import type { KubeObject, Meta } from '../objects/kube-object.ts'
import type { ResourceName } from '../objects/refused.ts'

/** Makes an object for `Objects.create`, which fills in the three fields that are empty here. */
export const newObject = (
  apiVersion: string,
  kind: string,
  meta: Pick<Meta, 'name'> & Partial<Meta>,
  rest: object = {}
): KubeObject => ({
  apiVersion,
  kind,
  metadata: { uid: '', resourceVersion: '', creationTimestamp: '', ...meta },
  ...rest
})

/** A resource of the group without a name. */
export const core = (plural: string): ResourceName => ({ group: '', plural })
