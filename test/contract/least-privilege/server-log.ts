import { headName, logGroup, logVersion } from '@joinery/kube/log'
import { namespace, serverLease, serverLeasePolicy } from '@joinery/kube/names'
import { byPolicy, type Forbidden, invalid, mergePatch, unauthorized } from './forbidden.ts'

const pathIn = (space: string, rest: string): string => `/apis/${logGroup}/${logVersion}/namespaces/${space}/${rest}`
const path = (rest: string): string => pathIn(namespace, rest)
const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`

/** A server that keeps what it knows in a file sees whether there is a head, and has no other right to a log. */
export const serverLog: Forbidden[] = [
  unauthorized('make a head', 'POST', path('logheads')),
  unauthorized('move the head', 'PATCH', path('logheads/joinery'), mergePatch({})),
  unauthorized('read another head', 'GET', path('logheads/another')),
  unauthorized('delete the head', 'DELETE', path('logheads/joinery')),
  unauthorized('read a document', 'GET', path('logdocuments/any')),
  unauthorized('make a document', 'POST', path('logdocuments')),
  unauthorized('say that it is the active server', 'POST', leases),
  unauthorized('renew the Lease of the active server', 'PUT', `${leases}/joinery-server`),
  unauthorized('delete that Lease', 'DELETE', `${leases}/joinery-server`)
]

const hash = '0'.repeat(64)
const head = {
  apiVersion: `${logGroup}/${logVersion}`,
  kind: 'LogHead',
  metadata: { name: 'another' },
  spec: { format: 1, log: 'l', number: 0, hash, term: 0, holder: 'a', documents: hash, batches: [], mac: hash }
}
const lease = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'another' },
  spec: { holderIdentity: 'a', leaseDurationSeconds: 12 }
}

/** The Lease of the active server, with this term. */
const active = (leaseTransitions: number) => ({
  ...lease,
  metadata: { name: serverLease, namespace },
  spec: { ...lease.spec, leaseTransitions }
})

/** A server with `store: cluster` moves one head, writes documents, and has the Leases of servers. */
export const serverOnLog: Forbidden[] = [
  invalid(`its name is ${headName}`)('make another head', 'POST', path('logheads'), { body: head }),
  unauthorized('move another head', 'PATCH', path('logheads/another'), mergePatch({})),
  unauthorized('read another head', 'GET', path('logheads/another')),
  unauthorized('replace the head', 'PUT', path(`logheads/${headName}`), { body: head }),
  unauthorized('delete the head', 'DELETE', path(`logheads/${headName}`)),
  unauthorized('delete all heads', 'DELETE', path('logheads')),
  unauthorized('patch a document', 'PATCH', path('logdocuments/any'), mergePatch({})),
  unauthorized('delete all documents at once', 'DELETE', path('logdocuments')),
  unauthorized('read documents elsewhere', 'GET', pathIn('default', 'logdocuments')),
  unauthorized('make a head elsewhere', 'POST', pathIn('default', 'logheads'), { body: head }),
  byPolicy(serverLeasePolicy)('make another Lease', 'POST', leases, { body: lease }),
  byPolicy(serverLeasePolicy)(
    'make the Lease of the active server with a term to which nobody counts',
    'POST',
    leases,
    {
      body: active(2 ** 30 + 1)
    }
  ),
  byPolicy(serverLeasePolicy)('raise its term to the end', 'PUT', `${leases}/${serverLease}`, {
    body: active(2 ** 31 - 1)
  }),
  unauthorized('patch a Lease', 'PATCH', `${leases}/joinery-server`, mergePatch({})),
  unauthorized('delete all Leases at once', 'DELETE', leases)
]
