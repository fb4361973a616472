import { randomBytes } from 'node:crypto'
import { kubeletSigner, ownCsrPrefix } from '@joinery/kube/names'
import { type Labels, startupTaint } from '@joinery/protocol'
import { ownCsrObject, tokenSecret } from '@joinery/server/testing/kubernetes'
import { unique } from '@joinery/testing/cluster/cluster-fixture'
import type { ApiClient } from '@joinery/testing/cluster/world/api-client'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import type { Test } from 'tap'
import { csrsPath, inNamespace, nodeLeases } from './forbidden.ts'

interface Named {
  metadata: { name: string }
}

export interface CsrObject extends Named {
  status: { conditions?: object[] }
}

/** What is in a cluster beside Joinery, for requests that go wrong for it. */
export interface Bystanders {
  /** Node names; the worker has a Lease. */
  controlPlane: string
  worker: string
  /** A worker with the startup taint, and one of its own. */
  waiting: string
  /** Names of Secrets in kube-system: one of any kind, and a bootstrap token of kubeadm's. */
  secret: string
  kubeadmToken: string
  /** Requests by the administrator, for the three signers, one by the server itself, and one by a token of ours. */
  csrs: Record<'apiServerClient' | 'kubeletServing' | 'kubelet' | 'own' | 'joining', CsrObject>
}

export const kubeadmGroup = 'system:bootstrappers:kubeadm:default-node-token'
/** The taint that the workers have. */
export const dedicated = { key: 'dedicated', value: 'edge', effect: 'NoSchedule' }
const minute = 60_000

/** Made by the administrator but for two requests, the server's and that of a machine that joins; gone after the test. */
export const makeBystanders = async (
  t: Test,
  admin: ApiClient,
  server: ApiClient,
  joining: ApiClient
): Promise<Bystanders> => {
  const make = async <T>(path: string, made: Named, maker = admin): Promise<T> => {
    t.teardown(() => admin.delete(`${path}/${made.metadata.name}`))
    return maker.post<T>(path, made)
  }
  const { items } = await admin.get<{ items: Named[] }>(
    '/api/v1/nodes?labelSelector=node-role.kubernetes.io/control-plane'
  )
  const controlPlane = items[0]?.metadata.name
  if (controlPlane === undefined) throw new Error('the cluster has no Node of a control plane')

  const worker = unique('worker')
  const labels = { 'kubernetes.io/hostname': worker, 'example.org/rack': 'r7' }
  await make('/api/v1/nodes', core('Node', { name: worker, labels }, { spec: { taints: [dedicated] } }))
  const waiting = unique('waiting')
  await make('/api/v1/nodes', core('Node', { name: waiting }, { spec: { taints: [dedicated, startupTaint] } }))

  const spec = { holderIdentity: worker, leaseDurationSeconds: 40 }
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: worker, labels }, spec }
  await make(nodeLeases, lease)

  const secret = unique('secret')
  await make(inNamespace('kube-system', 'secrets'), core('Secret', { name: secret }, { type: 'Opaque' }))
  const expires = new Date(Date.now() + 10 * minute)
  const [id, value] = [randomBytes(3).toString('hex'), randomBytes(8).toString('hex')]
  const token = tokenSecret({ id, secret: value, group: kubeadmGroup, expires, description: t.name })
  await make(inNamespace('kube-system', 'secrets'), token)

  const csr = async (signerName: string, usages: string[]): Promise<CsrObject> => {
    const { request } = await kubeletRequest(worker)
    const { spec, ...object } = ownCsrObject({ name: unique('csr'), request })
    return make(csrsPath, { ...object, spec: { ...spec, signerName, usages } } as Named)
  }
  const { request } = await kubeletRequest(worker)
  return {
    controlPlane,
    worker,
    waiting,
    secret,
    kubeadmToken: token.metadata.name,
    csrs: {
      apiServerClient: await csr('kubernetes.io/kube-apiserver-client', ['client auth']),
      kubeletServing: await csr('kubernetes.io/kubelet-serving', ['digital signature', 'server auth']),
      // what a kubelet asks for the stock controller would approve for an administrator at once
      kubelet: await csr(kubeletSigner, ['client auth']),
      own: await make(csrsPath, ownCsrObject({ name: `${ownCsrPrefix}${unique('own')}`, request }), server),
      joining: await make(csrsPath, ownCsrObject({ name: unique('joining'), request }), joining)
    }
  }
}

const core = (kind: string, metadata: Named['metadata'] & { labels?: Labels }, more: object): Named =>
  Object.assign({ apiVersion: 'v1', kind, metadata }, more)
