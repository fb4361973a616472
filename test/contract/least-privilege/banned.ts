import { kubeletSigner } from '@joinery/server/cluster/cluster.ts'
import { type CertificateHolder, kubeletUsages } from '@joinery/server/cluster/rehearsal/cluster-world.ts'
import { kubeletRequest } from '@joinery/server/cluster/rehearsal/kubelet-request.ts'
import type { Test } from 'tap'
import { type ApiClient, apiClient } from '../api-client.ts'
import { attemptCertificate, eventually, unique } from '../cluster-fixture.ts'
import type { RealCluster } from '../real-cluster.ts'
import { byPolicy, csrsPath, type Forbidden, inNamespace, strategicPatch } from './forbidden.ts'

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
}

const nodes = '/api/v1/nodes'
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
const pods = inNamespace('default', 'pods')
const accounts = inNamespace('default', 'serviceaccounts')

/** Its kubelet has made Node and Lease, the administrator the Pod; gone after the test. It is not banned yet. */
export const makeBanned = async (t: Test, opened: RealCluster, admin: ApiClient): Promise<Banned> => {
  const name = unique('node')
  const holder = await attemptCertificate(t, opened, name)
  const kubelet = apiClient(opened.access, holder)
  t.teardown(() => kubelet.close())
  const node = await kubelet.post<Made>(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name } })
  t.teardown(() => admin.delete(`${nodes}/${name}`))
  const lease = await kubelet.post<Made>(leases, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name },
    spec: { holderIdentity: name, leaseDurationSeconds: 40 }
  })
  t.teardown(() => admin.delete(`${leases}/${name}`))
  const [podName, account] = [unique('pod'), await admin.get<Made>(`${accounts}/default`)]
  await opened.world.bindPod(podName, name)
  t.teardown(() => opened.world.deletePod(podName))
  const pod = await admin.get<Made>(`${pods}/${podName}`)
  const own = await kubeletRequest(name)
  // the authorizer of nodes learns of the Pod a moment later
  await eventually('the kubelet may read its Pod', () => kubelet.get(`${pods}/${podName}`).catch(() => undefined))
  return { name, holder, node, lease, pod, account, request: own.request }
}

const refused = byPolicy('joinery-ban')
const heartbeat = byPolicy('joinery-ban-leases')

/** What its kubelet could do with that certificate until the name was banned. */
export const bannedNode = ({ name, node, lease, pod, account, request }: Banned): Forbidden[] => {
  const der = request.replace(/-----[A-Z ]+-----|\s/g, '')
  return [
    heartbeat('renew its Lease', 'PUT', `${leases}/${name}`, {
      body: {
        ...lease,
        spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: '2026-01-01T00:00:00.000000Z' }
      }
    }),
    heartbeat('patch its Lease', 'PATCH', `${leases}/${name}`, strategicPatch({ spec: { leaseDurationSeconds: 41 } })),
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
    refused('ask for a certificate of its Pod', 'POST', podCertificates, {
      body: {
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'PodCertificateRequest',
        metadata: { generateName: 'any-' },
        spec: {
          signerName: 'example.org/any',
          podName: pod.metadata.name,
          podUID: pod.metadata.uid,
          serviceAccountName: 'default',
          serviceAccountUID: account.metadata.uid,
          nodeName: name,
          nodeUID: node.metadata.uid,
          maxExpirationSeconds: 3600,
          stubPKCS10Request: der
        }
      }
    })
  ]
}

const podCertificates = '/apis/certificates.k8s.io/v1/namespaces/default/podcertificaterequests'
