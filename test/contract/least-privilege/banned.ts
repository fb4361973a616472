import { bannedLabel, kubeletSigner } from '@joinery/kube/names'
import { eventually } from '@joinery/testing/clocks/eventually'
import { attemptCertificate, unique } from '@joinery/testing/cluster/cluster-fixture'
import { type ApiClient, apiClient, unlessAbsent } from '@joinery/testing/cluster/world/api-client'
import { type CertificateHolder, kubeletUsages } from '@joinery/testing/cluster/world/cluster-world'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import type { Test } from 'tap'
import type { OpenSides } from '../real-cluster.ts'
import { byPolicy, csrsPath, type Forbidden, inNamespace, nodeLeases, strategicPatch } from './forbidden.ts'

interface Made {
  metadata: { name: string; uid: string }
}

/** A Node with a Lease and a Pod, and the certificate of its kubelet. */
export interface Banned {
  name: string
  holder: CertificateHolder
  node: Made
  lease: Made
  pod: Made
  account: Made
  /** PEM of a PKCS#10 request for its own name. */
  request: string
  /** A claim of the Pod's for storage, and an Event by its kubelet. */
  claim: Made
  event: Made
  /** The API server knows requests of Pods for certificates. */
  podCertificates: boolean
  /** The API server knows devices that nodes offer. */
  resourceSlices: boolean
}

const nodes = '/api/v1/nodes'
const pods = inNamespace('default', 'pods')
const accounts = inNamespace('default', 'serviceaccounts')
const claims = inNamespace('default', 'persistentvolumeclaims')
const coreEvents = inNamespace('default', 'events')
const events = '/apis/events.k8s.io/v1/namespaces/default/events'
const csiNodes = '/apis/storage.k8s.io/v1/csinodes'
const resourceSlicesPath = '/apis/resource.k8s.io/v1/resourceslices'
const podCertificatesPath = '/apis/certificates.k8s.io/v1/namespaces/default/podcertificaterequests'
const signerName = 'example.org/any'

/** Its kubelet has made Node and Lease, the administrator the Pod; gone after the test. It is not banned yet. */
export const makeBanned = async (t: Test, opened: OpenSides, admin: ApiClient): Promise<Banned> => {
  const name = unique('node')
  const holder = await attemptCertificate(t, opened, name)
  const kubelet = apiClient(opened.access, holder)
  t.teardown(() => kubelet.close())
  const node = await kubelet.post<Made>(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name } })
  t.teardown(() => admin.delete(`${nodes}/${name}`))
  const lease = await kubelet.post<Made>(nodeLeases, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name },
    spec: { holderIdentity: name, leaseDurationSeconds: 40 }
  })
  t.teardown(() => admin.delete(`${nodeLeases}/${name}`))
  const [podName, account] = [unique('pod'), await admin.get<Made>(`${accounts}/default`)]
  const certificate = { signerName, keyType: 'ECDSAP256', credentialBundlePath: 'own.pem' }
  const served = await admin.get<{ resources: { name: string }[] }>('/apis/certificates.k8s.io/v1')
  // from 1.37 on: one that mounts a certificate of its own
  const podCertificates = served.resources.some(({ name: resource }) => resource === 'podcertificaterequests')
  const resourceSlices = (await unlessAbsent(admin.get('/apis/resource.k8s.io/v1'))) !== undefined
  const claim = await admin.post<Made>(claims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: podName },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  })
  t.teardown(() => admin.delete(`${claims}/${podName}`))
  const event = await kubelet.post<Made>(coreEvents, coreEvent(name))
  t.teardown(() => admin.delete(`${coreEvents}/${event.metadata.name}`))
  const volumes = [
    { name: 'claim', persistentVolumeClaim: { claimName: podName } },
    ...(podCertificates ? [{ name: 'own', projected: { sources: [{ podCertificate: certificate }] } }] : [])
  ]
  const pod = await admin.post<Made>(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: podName },
    spec: {
      nodeName: name,
      containers: [{ name: 'pause', image: 'registry.k8s.io/pause' }],
      volumes
    }
  })
  t.teardown(() => admin.delete(`${pods}/${podName}`))
  const own = await kubeletRequest(name)
  // the authorizer of nodes learns of the Pod a moment later
  await eventually('the kubelet may read its Pod', () => kubelet.get(`${pods}/${podName}`).catch(() => undefined))
  return {
    name,
    holder,
    node,
    lease,
    pod,
    account,
    claim,
    event,
    request: own.request,
    podCertificates,
    resourceSlices
  }
}

/** The same, with its Lease as it is now. */
export const withLease = async (banned: Banned, kubelet: ApiClient): Promise<Banned> => ({
  ...banned,
  lease: await kubelet.get<Made>(`${nodeLeases}/${banned.name}`)
})

const refused = byPolicy('joinery-ban')
const reports = byPolicy('joinery-ban-reports')
const heartbeat = byPolicy('joinery-ban-leases')

/** What its kubelet could do with that certificate until the name was banned. */
export const bannedNode = (banned: Banned): Forbidden[] => {
  const { name, lease, pod, request } = banned
  const ownLease = `${nodeLeases}/${name}`
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: '2026-01-01T00:00:00.000000Z' }
  return [
    heartbeat('renew its Lease', 'PUT', ownLease, { body: { ...lease, spec } }),
    heartbeat('renew its Lease and take its labels off', 'PUT', ownLease, {
      body: { ...lease, metadata: { ...lease.metadata, labels: {} }, spec }
    }),
    heartbeat('patch its Lease', 'PATCH', ownLease, strategicPatch({ spec: { leaseDurationSeconds: 41 } })),
    heartbeat(
      'take the label off its Lease',
      'PATCH',
      ownLease,
      strategicPatch({ metadata: { labels: { [bannedLabel]: null } } })
    ),
    heartbeat('delete its Lease, to make another one', 'DELETE', ownLease),
    refused(
      'say how its Node is',
      'PATCH',
      `${nodes}/${name}/status`,
      strategicPatch({ status: { phase: 'Running' } })
    ),
    refused('change its Node', 'PATCH', `${nodes}/${name}`, strategicPatch({ metadata: { labels: { rack: 'r1' } } })),
    refused(
      'say how its Pod is',
      'PATCH',
      `${pods}/${pod.metadata.name}/status`,
      strategicPatch({ status: { message: 'any' } })
    ),
    refused("get a token of its Pod's ServiceAccount", 'POST', `${accounts}/default/token`, {
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {
          expirationSeconds: 3600,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid }
        }
      }
    }),
    refused('renew its certificate', 'POST', csrsPath, {
      body: {
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { generateName: 'csr-' },
        spec: { request: Buffer.from(request).toString('base64'), signerName: kubeletSigner, usages: kubeletUsages }
      }
    }),
    ...(banned.podCertificates ? [podCertificate(banned)] : []),
    ...newThings(banned)
  ]
}

/** What its kubelet could make, beside its Lease, for which there is a contract of its own. */
const newThings = ({ name, node, claim, event, resourceSlices }: Banned): Forbidden[] => [
  reports('C10: show a Pod that it runs by itself', 'POST', pods, {
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: unique('mirror'),
        annotations: { 'kubernetes.io/config.mirror': 'any' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid, controller: true }]
      },
      spec: { nodeName: name, containers: [{ name: 'any', image: 'registry.k8s.io/pause' }] }
    }
  }),
  reports(
    "C10: say how its Pod's storage is",
    'PATCH',
    `${claims}/${claim.metadata.name}/status`,
    strategicPatch({ status: { conditions: [{ type: 'Resizing', status: 'True' }] } })
  ),
  reports('C10: write an Event', 'POST', coreEvents, { body: coreEvent(name) }),
  reports('C10: write an Event by the other group', 'POST', events, {
    body: {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { generateName: 'any-', namespace: 'default' },
      eventTime: new Date().toISOString().replace('Z', '000Z'),
      reportingController: 'kubelet',
      reportingInstance: name,
      action: 'Any',
      reason: 'Any',
      type: 'Normal',
      regarding: { apiVersion: 'v1', kind: 'Node', name }
    }
  }),
  reports(
    'C10: change an Event',
    'PATCH',
    `${coreEvents}/${event.metadata.name}`,
    strategicPatch({ message: 'something else' })
  ),
  reports('C10: say which storage drivers it has', 'POST', csiNodes, {
    body: { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name }, spec: { drivers: [] } }
  }),
  ...(resourceSlices
    ? [
        reports('C10: offer a device', 'POST', resourceSlicesPath, {
          body: {
            apiVersion: 'resource.k8s.io/v1',
            kind: 'ResourceSlice',
            metadata: { generateName: 'any-' },
            spec: {
              driver: 'example.org',
              nodeName: name,
              pool: { name, generation: 1, resourceSliceCount: 1 },
              devices: [{ name: 'any' }]
            }
          }
        })
      ]
    : [])
]

const coreEvent = (node: string) => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { generateName: 'any-', namespace: 'default' },
  involvedObject: { apiVersion: 'v1', kind: 'Node', name: node },
  reason: 'Any',
  message: 'any',
  type: 'Normal',
  source: { component: 'kubelet', host: node }
})

const podCertificate = ({ name, node, pod, account, request }: Banned): Forbidden =>
  refused('ask for a certificate of its Pod', 'POST', podCertificatesPath, {
    body: {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'PodCertificateRequest',
      metadata: { generateName: 'any-' },
      spec: {
        signerName,
        podName: pod.metadata.name,
        podUID: pod.metadata.uid,
        serviceAccountName: 'default',
        serviceAccountUID: account.metadata.uid,
        nodeName: name,
        nodeUID: node.metadata.uid,
        maxExpirationSeconds: 3600,
        stubPKCS10Request: request.replace(/-----[A-Z ]+-----|\s/g, '')
      }
    }
  })
