import { bannedLabel } from '@joinery/kube/names'
import type { Bystanders } from './bystanders.ts'
import { byPolicy, type Forbidden, mergePatch, nodeLeases, unauthorized } from './forbidden.ts'

const refused = byPolicy('joinery-leases')

/** The server makes Leases with one label that were never renewed, deletes Leases of Nodes, and changes none. */
export const serverLeases = ({ worker }: Bystanders, diagnosis: boolean): Forbidden[] => {
  const lease = `${nodeLeases}/${worker}`
  const name = `${worker}-without`
  const owner = { apiVersion: 'v1', kind: 'Node', name, uid: 'any' }
  const [metadata, spec] = [
    { name, labels: { [bannedLabel]: '' }, ownerReferences: [owner] },
    { holderIdentity: name, leaseDurationSeconds: 40 }
  ]
  const make = (what: string, changed: { metadata?: object; spec?: object }): Forbidden =>
    refused(`make a Lease ${what}`, 'POST', nodeLeases, {
      body: {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { ...metadata, ...changed.metadata },
        spec: { ...spec, ...changed.spec }
      }
    })
  return [
    make('without its label', { metadata: { labels: {} } }),
    make('with another label', { metadata: { labels: { ...metadata.labels, 'example.org/any': '' } } }),
    make('with a value of its label', { metadata: { labels: { [bannedLabel]: 'for-good' } } }),
    make('that was renewed', { spec: { renewTime: '2026-01-01T00:00:00.000000Z' } }),
    make('that lasts', { spec: { leaseDurationSeconds: 86_400 } }),
    make('of another holder', { spec: { holderIdentity: 'other' } }),
    make('that changed hands', { spec: { leaseTransitions: 1 } }),
    make('with a note', { metadata: { annotations: { a: 'b' } } }),
    make('with a finalizer', { metadata: { finalizers: ['a/b'] } }),
    make('that nothing owns', { metadata: { ownerReferences: [] } }),
    make('that goes with another Node', { metadata: { ownerReferences: [{ ...owner, name: worker }] } }),
    make('that goes with something else', { metadata: { ownerReferences: [{ ...owner, kind: 'Pod' }] } }),
    unauthorized('renew the Lease of a Node', 'PATCH', lease, mergePatch({ spec: { leaseDurationSeconds: 41 } })),
    unauthorized('replace it', 'PUT', lease),
    ...(diagnosis ? [] : [unauthorized('read it by name', 'GET', lease)]),
    unauthorized('read one elsewhere', 'GET', lease.replace('kube-node-lease', 'default')),
    unauthorized('delete all of them at once', 'DELETE', nodeLeases),
    unauthorized('make one elsewhere', 'POST', nodeLeases.replace('kube-node-lease', 'default')),
    unauthorized('delete one elsewhere', 'DELETE', lease.replace('kube-node-lease', 'default'))
  ]
}
