import { setTimeout as sleep } from 'node:timers/promises'
import type { Facts, Labels } from '@joinery/protocol'
import { ownCsrObject } from '@joinery/server/testing/kubernetes'
import { type ApiAccess, type ApiClient, apiClient, unlessAbsent } from '@joinery/testing/cluster/world/api-client'
import { Refusal } from '@joinery/testing/cluster/world/cluster-world'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { Agent, request } from 'undici'
import { csrsPath, type SeenCsr } from './csr-watch.ts'

/** A kubelet that has made its key and its certificate request already, so that later no time goes into them. */
export interface Kubelet {
  name: string
  facts: Pick<Facts, 'machineId' | 'productUuid'>
  /** With which it registers its Node. */
  labels: Labels
  /** PEM (PKCS#8). */
  key: string
  csr: object
}

export const newKubelet = async (name: string, facts: Kubelet['facts'], labels: Labels = {}): Promise<Kubelet> => {
  const { request, key } = await kubeletRequest(name)
  const { metadata: _, ...csr } = ownCsrObject({ name, request })
  return { name, facts, labels, key, csr: { ...csr, metadata: { generateName: 'csr-' } } }
}

/** Asks by the client of a token, again until the token is known. Gives the name of the request. `later` is called before each wait. */
export const askForCertificate = async (
  client: ApiClient,
  { csr }: Kubelet,
  later = (): void => {}
): Promise<string> => {
  for (;;) {
    try {
      return (await client.post<{ metadata: { name: string } }>(csrsPath, csr)).metadata.name
    } catch (error) {
      // a new token takes the API server a moment, and it may be busy
      const isFinal = error instanceof Refusal && error.status < 500 && error.status !== 401 && error.status !== 429
      if (isFinal) throw error
      later()
      await sleep(100)
    }
  }
}

/**
 * Joins by a bootstrap token as a kubelet does (pkg/kubelet/certificate/bootstrap, pkg/kubelet/kubelet_node_status.go and
 * component-helpers/apimachinery/lease): certificate request, watch of it until it is signed; then Node, status and Lease by the
 * certificate. One connection for the token and one for the certificate. Gives the PEM of the certificate.
 */
export const joinAsKubelet = async (access: ApiAccess, token: string, kubelet: Kubelet): Promise<string> => {
  // the watch may be silent for long
  const dispatcher = new Agent({ connect: { ca: access.certificateAuthority }, bodyTimeout: 0 })
  try {
    const csr = await askForCertificate(apiClient({ ...access, carrier: () => dispatcher }, { token }), kubelet)
    const selector = `watch=1&fieldSelector=metadata.name=${csr}`
    const headers = { authorization: `Bearer ${token}` }
    const { body } = await request(new URL(`${csrsPath}?${selector}`, access.server), { dispatcher, headers })
    let text = ''
    for await (const piece of body.setEncoding('utf8')) {
      text += piece
      const certificate = certificateIn(text)
      if (certificate === undefined) continue
      await register(access, certificate, kubelet)
      return certificate
    }
    throw new Error(`the watch of ${csr} ended before its certificate came`)
  } finally {
    await dispatcher.destroy()
  }
}

/** The PEM, once a whole line of the watch has it. */
const certificateIn = (text: string): string | undefined => {
  const lines = text.split('\n').slice(0, -1)
  const seen = lines.map((line) => (JSON.parse(line) as { object: SeenCsr }).object.status?.certificate)
  const encoded = seen.find((certificate) => certificate !== undefined)
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString()
}

const register = async (access: ApiAccess, certificate: string, kubelet: Kubelet): Promise<void> => {
  const { name, key, labels, facts } = kubelet
  const client = apiClient(access, { certificate, key })
  const nodes = '/api/v1/nodes'
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
  const status = {
    nodeInfo: { machineID: facts.machineId, systemUUID: facts.productUuid },
    addresses: [{ type: 'Hostname', address: name }]
  }
  try {
    await client.post(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, status })
    const now = new Date()
    const kind = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name } }
    const renewTime = now.toISOString().replace('Z', '000Z')
    if ((await unlessAbsent(client.get(`${leases}/${name}`))) === undefined) {
      await client.post(leases, { ...kind, spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime } })
    }
    await client.get(`${nodes}/${name}`)
    const times = { lastHeartbeatTime: now, lastTransitionTime: now }
    const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
    await client.patch(`${nodes}/${name}/status`, { status: { conditions: [{ ...ready, ...times }] } })
  } finally {
    await client.close()
  }
}
