import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverUsername } from '@joinery/kube/names'
import { kubernetesCluster } from '@joinery/server/testing/kubernetes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { type ApiClient, apiClient } from '@joinery/testing/cluster/world/api-client'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { Agent, request as http } from 'undici'
import { readKubeconfig } from '../../contract/kubeconfig.ts'

export interface LeasePlan {
  /** Of an administrator. */
  kubeconfig: string
  /** Of the pairing server. */
  serverKubeconfig: string
  nodes: number
  /** Milliseconds between two renewals of one node. */
  interval: number
  /** Of each node in a round. */
  renewals: number
  rounds: number
  /** How many names the long ban list has. */
  banned: number
  /** How many of those have a Node with a Lease; no kubelet renews these. */
  bannedNodes: number
}

/** Of one renewal. */
export interface LeaseCost {
  /** CPU seconds of the API server, without what it does anyway. */
  cpu: number
  /** Seconds in its admission plugin ValidatingAdmissionPolicy. */
  admission: number
}

export interface LeaseRound {
  without: LeaseCost
  nobody: LeaseCost
  some: LeaseCost
}

interface Lease {
  metadata: { name: string }
  spec: object
}

const csrs = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
const bindings = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings'
/** All of ours that are about Leases. */
const ours = ['joinery-ban-leases', 'joinery-leases']
const nodes = '/api/v1/nodes'
const banList = '/api/v1/namespaces/joinery-system/configmaps/joinery-banned'

const plan = JSON.parse(await text(process.stdin)) as LeasePlan
const { access, identity } = await readKubeconfig(plan.kubeconfig)
const admin = apiClient(access, identity)
const server = kubernetesCluster(plan.serverKubeconfig)

/** A kubelet with its certificate, and its Lease. */
const kubelet = async (name: string): Promise<{ client: ApiClient; lease: Lease }> => {
  const { request, key } = await kubeletRequest(name)
  const signerName = 'kubernetes.io/kube-apiserver-client-kubelet'
  const usages = ['digital signature', 'client auth']
  const spec = { request: Buffer.from(request).toString('base64'), signerName, usages, expirationSeconds: 3600 }
  const csr = await admin.post<{ metadata: { name: string }; status: object }>(csrs, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName: 'bench-' },
    spec
  })
  const path = `${csrs}/${csr.metadata.name}`
  const approved = { type: 'Approved', status: 'True', reason: 'Bench', message: 'by the benchmark' }
  // the stock controller may have been faster
  await admin.patch(`${path}/approval`, { status: { conditions: [approved] } }).catch(() => undefined)
  const issued = await eventually(`the certificate of ${name}`, async () => {
    return (await admin.get<{ status: { certificate?: string } }>(path)).status.certificate
  })
  const client = apiClient(access, { certificate: Buffer.from(issued, 'base64').toString(), key })
  return { client, lease: await client.post<Lease>(leases, leaseOf(name)) }
}

const leaseOf = (name: string) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name },
  spec: { holderIdentity: name, leaseDurationSeconds: 40 }
})

/** Of the API server since its start; in the plugin: for updates that were let through. */
const secondsOf = async (): Promise<LeaseCost> => {
  const lines = (await fetchMetrics()).split('\n')
  const value = (name: string, ...labels: string[]): number =>
    Number(
      lines
        .find((line) => line.startsWith(name) && labels.every((label) => line.includes(label)))
        ?.split(' ')
        .at(-1)
    )
  return {
    cpu: value('process_cpu_seconds_total'),
    admission: value(
      'apiserver_admission_controller_admission_duration_seconds_sum',
      'name="ValidatingAdmissionPolicy"',
      'operation="UPDATE"',
      'rejected="false"'
    )
  }
}
const fetchMetrics = async (): Promise<string> => {
  if (!('key' in identity)) throw new Error('the administrator has no client certificate')
  const connect = { ca: access.certificateAuthority, cert: identity.certificate, key: identity.key }
  const dispatcher = new Agent({ connect })
  try {
    return await (await http(new URL('/metrics', access.server), { dispatcher })).body.text()
  } finally {
    await dispatcher.close()
  }
}

const kubelets: { client: ApiClient; lease: Lease }[] = []
for (let index = 0; index < plan.nodes; index += 1) kubelets.push(await kubelet(`bench-${index}`))

/** Each in turn with the Lease that it was answered last, as a kubelet does. */
const renew = async (one: (typeof kubelets)[number]): Promise<void> => {
  await sleep(Math.random() * plan.interval)
  let due = performance.now()
  for (let count = 0; count < plan.renewals; count += 1) {
    const { metadata, spec } = one.lease
    const renewed = { ...one.lease, spec: { ...spec, renewTime: new Date().toISOString().replace('Z', '000Z') } }
    one.lease = await one.client.send<Lease>({ method: 'PUT', path: `${leases}/${metadata.name}`, body: renewed })
    due += plan.interval
    await sleep(Math.max(0, due - performance.now()))
  }
}

/** `idle`: CPU seconds of each second in which nothing is renewed. */
const measured = async (idle: number): Promise<LeaseCost> => {
  const [before, began] = [await secondsOf(), performance.now()]
  await Promise.all(kubelets.map(renew))
  const seconds = (performance.now() - began) / 1000
  const [after, renewals] = [await secondsOf(), plan.nodes * plan.renewals]
  return {
    cpu: (after.cpu - before.cpu - idle * seconds) / renewals,
    admission: (after.admission - before.admission) / renewals
  }
}
/** The API server heeds a change of policies and of the list a moment later. */
const heeded = () => sleep(3000)

const idleFor = 15
const start = await secondsOf()
await sleep(idleFor * 1000)
const idle = ((await secondsOf()).cpu - start.cpu) / idleFor

const specs = await Promise.all(ours.map((name) => admin.get<{ spec: object }>(`${bindings}/${name}`)))
const unbind = async () => {
  for (const name of ours) await admin.delete(`${bindings}/${name}`)
}
const rebind = async () => {
  for (const [index, name] of ours.entries())
    await admin.post(bindings, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: specs[index]?.spec
    })
}
const names = Array.from({ length: plan.banned }, (_, index) => `gone-${index}.example.org`)
const reason = 'enrolment 00000000-0000-0000-0000-000000000000: removed'
const banned = (value: string | null) => ({ data: Object.fromEntries(names.map((name) => [name, value])) })
const there = names.slice(0, plan.bannedNodes)
/** As the server: nobody else may. */
const writeBanList = (reason: string | null) =>
  admin.send({
    method: 'PATCH',
    path: banList,
    body: banned(reason),
    type: 'application/merge-patch+json',
    headers: { 'impersonate-user': serverUsername }
  })

/** As the server's sweep does. */
const settle = async () => server.settleBannedLeases(await server.nodes(), 0)

/** Each gets the cluster from any state into its own. */
const states: Record<keyof LeaseRound, () => Promise<void>> = {
  without: unbind,
  nobody: async () => {},
  some: async () => {
    await writeBanList(reason)
    for (const name of there) {
      await admin.post(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name } })
      await admin.post(leases, leaseOf(name))
    }
  }
}
const kinds = Object.keys(states) as (keyof LeaseRound)[]

await measured(idle)
const rounds: LeaseRound[] = []
for (let count = 0; count < plan.rounds; count += 1) {
  const none = { cpu: 0, admission: 0 }
  const round: LeaseRound = { without: none, nobody: none, some: none }
  // another one first each time: what the machine does beside drifts
  for (const kind of [...kinds.slice(count % kinds.length), ...kinds.slice(0, count % kinds.length)]) {
    await states[kind]()
    await settle()
    await heeded()
    round[kind] = await measured(idle)
    if (kind === 'without') await rebind()
    await writeBanList(null)
    for (const name of there) {
      await admin.delete(`${nodes}/${name}`)
      await admin.delete(`${leases}/${name}`)
    }
  }
  rounds.push(round)
}
console.log(JSON.stringify(rounds))
await Promise.all(kubelets.map(({ client }) => client.close()))
await admin.close()
