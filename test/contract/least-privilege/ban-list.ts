import { generationAnnotation, namespace } from '@joinery/kube/names'
import { byPolicy, type Forbidden, inNamespace, mergePatch } from './forbidden.ts'

const refused = byPolicy('joinery-ban-list')
const configMaps = inNamespace(namespace, 'configmaps')
export const banListPath = `${configMaps}/joinery-banned`

/** What nobody but the server does to the ban list, on which `banned` is a name, whatever RBAC says. */
export const banListOfOthers = (banned: string, headers: Record<string, string>): Forbidden[] => {
  const patch = (what: string, body: object): Forbidden =>
    refused(what, 'PATCH', banListPath, { ...mergePatch(body), headers })
  const list = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'joinery-banned', namespace } }
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'any', uid: 'any' }
  return [
    patch('ban a control plane', { data: { 'cp-1': 'any' } }),
    patch('lift a ban', { data: { [banned]: null } }),
    patch('change the reason of a ban', { data: { [banned]: 'another' } }),
    patch('raise the number of the store', {
      metadata: { annotations: { [generationAnnotation]: '999999999999998' } }
    }),
    patch('freeze it', { immutable: true }),
    patch('hold it up by a finalizer', { metadata: { finalizers: ['a/b'] } }),
    patch('have it collected', { metadata: { ownerReferences: [owner] } }),
    refused('replace it by an empty one', 'PUT', banListPath, { body: list, headers }),
    refused('make it again with bans', 'POST', configMaps, { body: { ...list, data: { 'cp-1': 'any' } }, headers }),
    refused('delete it', 'DELETE', banListPath, { headers }),
    refused('delete it with all ConfigMaps at once', 'DELETE', configMaps, { headers })
  ]
}
