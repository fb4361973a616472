import { logGroup, logVersion } from '@joinery/kube/log'
import { namespace } from '@joinery/kube/names'
import { type Forbidden, mergePatch, unauthorized } from './forbidden.ts'

const path = (rest: string): string => `/apis/${logGroup}/${logVersion}/namespaces/${namespace}/${rest}`
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
