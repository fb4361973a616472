import type { KubeObject } from '../objects/kube-object.ts'

export const nodes = { group: '', plural: 'nodes' }
export const pods = { group: '', plural: 'pods' }
export const secrets = { group: '', plural: 'secrets' }
export const namespaces = { group: '', plural: 'namespaces' }
export const serviceAccounts = { group: '', plural: 'serviceaccounts' }

/** An object whose `spec` is read field by field. */
export interface WithSpec extends KubeObject {
  spec?: Readonly<Record<string, unknown>>
}

/** The ServiceAccount of a Pod, as the plugin ServiceAccount would have written it. */
export const accountOf = ({ spec }: WithSpec): unknown => spec?.serviceAccountName ?? 'default'
