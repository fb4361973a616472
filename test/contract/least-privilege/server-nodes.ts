import { startupTaint } from '@joinery/protocol'
import { type Bystanders, dedicated } from './bystanders.ts'
import { byPolicy, type Forbidden, jsonPatch, mergePatch, unauthorized } from './forbidden.ts'

const refused = byPolicy('joinery-nodes')
const undeleted = byPolicy('joinery-node-deletions')
const nodes = '/api/v1/nodes'

/** The server sets labels, adds taints, takes the startup taint away, and deletes workers that it banned. These Nodes are not joining. */
export const serverNodes = ({ controlPlane, worker, waiting }: Bystanders): Forbidden[] => {
  const change = (what: string, body: object) => refused(what, 'PATCH', `${nodes}/${worker}`, mergePatch(body))
  const label = (what: string, labels: Record<string, string | null>) => change(what, { metadata: { labels } })
  const taint = (what: string, only: object) => change(what, { spec: { taints: [only] } })
  const owner = { apiVersion: 'v1', kind: 'Node', name: controlPlane, uid: 'any' }
  return [
    change('cordon a Node', { spec: { unschedulable: true } }),
    change('give it a provider', { spec: { providerID: 'x://1' } }),
    change('annotate it', { metadata: { annotations: { a: 'b' } } }),
    change('hold it up by a finalizer', { metadata: { finalizers: ['a/b'] } }),
    change('have it collected with another object', { metadata: { ownerReferences: [owner] } }),
    label('take a label away', { 'example.org/rack': null }),
    label("change a label's value", { 'example.org/rack': 'r8' }),
    label('let it pass for a Node that is guarded', { 'node-restriction.kubernetes.io/pool': 'secrets' }),
    label('take it from load balancers', { 'node.kubernetes.io/exclude-from-external-load-balancers': '' }),
    label('mark it as joining', { 'joinery.dev/joining': '' }),
    taint("change a taint's value", { key: 'dedicated', value: 'anybody', effect: 'NoSchedule' }),
    change('evict its Pods', {
      spec: {
        taints: [
          { key: 'dedicated', value: 'edge', effect: 'NoSchedule' },
          { key: 'out', effect: 'NoExecute' }
        ]
      }
    }),
    label('rename its host', { 'kubernetes.io/hostname': 'other' }),
    label('make it a control plane', { 'node-role.kubernetes.io/control-plane': '' }),
    change('take its taints away', { spec: { taints: null } }),
    taint('put the startup taint in the place of its own', startupTaint),
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
    refused(
      'take the startup taint away, and another taint with it',
      'PATCH',
      `${nodes}/${waiting}`,
      mergePatch({ spec: { taints: null } })
    ),
    refused(
      'evict Pods in the place of the startup taint',
      'PATCH',
      `${nodes}/${waiting}`,
      mergePatch({ spec: { taints: [dedicated, { ...startupTaint, effect: 'NoExecute' }] } })
    ),
    refused(
      'give the startup taint another value',
      'PATCH',
      `${nodes}/${waiting}`,
      mergePatch({ spec: { taints: [dedicated, { ...startupTaint, value: 'done' }] } })
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
