import type { Bystanders } from './bystanders.ts'
import { byPolicy, type Forbidden, jsonPatch, mergePatch, unauthorized } from './forbidden.ts'

const refused = byPolicy('joinery-nodes')
const undeleted = byPolicy('joinery-node-deletions')
const nodes = '/api/v1/nodes'

/** The server sets labels, adds taints, and deletes workers that it banned. */
export const serverNodes = ({ controlPlane, worker }: Bystanders): Forbidden[] => {
  const change = (what: string, body: object) => refused(what, 'PATCH', `${nodes}/${worker}`, mergePatch(body))
  const label = (what: string, labels: Record<string, string | null>) => change(what, { metadata: { labels } })
  const owner = { apiVersion: 'v1', kind: 'Node', name: controlPlane, uid: 'any' }
  return [
    change('cordon a Node', { spec: { unschedulable: true } }),
    change('give it a provider', { spec: { providerID: 'x://1' } }),
    change('annotate it', { metadata: { annotations: { a: 'b' } } }),
    change('hold it up by a finalizer', { metadata: { finalizers: ['a/b'] } }),
    change('have it collected with another object', { metadata: { ownerReferences: [owner] } }),
    label('take a label away', { 'example.org/rack': null }),
    label('rename its host', { 'kubernetes.io/hostname': 'other' }),
    label('make it a control plane', { 'node-role.kubernetes.io/control-plane': '' }),
    change('take its taints away', { spec: { taints: null } }),
    refused(
      "set a taint of the control plane's own",
      'PATCH',
      `${nodes}/${worker}`,
      jsonPatch({
        op: 'add',
        path: '/spec/taints/-',
        value: { key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }
      })
    ),
    refused(
      'take from a control plane that it is one',
      'PATCH',
      `${nodes}/${controlPlane}`,
      mergePatch({ metadata: { labels: { 'node-role.kubernetes.io/control-plane': null } } })
    ),
    refused(
      'let Pods onto a control plane',
      'PATCH',
      `${nodes}/${controlPlane}`,
      mergePatch({ spec: { taints: null } })
    ),
    unauthorized('make a Node', 'POST', nodes),
    unauthorized('update a Node', 'PUT', `${nodes}/${worker}`),
    undeleted('delete a Node whose name is not banned', 'DELETE', `${nodes}/${worker}`),
    undeleted('delete a control plane', 'DELETE', `${nodes}/${controlPlane}`),
    unauthorized('delete all Nodes at once', 'DELETE', nodes),
    unauthorized('say how a Node is', 'PATCH', `${nodes}/${worker}/status`, mergePatch({ status: { conditions: [] } })),
    unauthorized("ask a Node's kubelet", 'GET', `${nodes}/${controlPlane}/proxy/pods`),
    unauthorized("run something by a Node's kubelet", 'POST', `${nodes}/${controlPlane}/proxy/run/default/any/any`)
  ]
}
