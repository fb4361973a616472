import { randomUUID } from 'node:crypto'
import { configurationMaps } from '@joinery/kube'
import { clusterInfoBinding } from '@joinery/kube/doctor'
import { generationAnnotation, kubeletSigner, serverUsername } from '@joinery/kube/names'
import { controlPlaneTaints, isSameTaint, type Labels, type Taint } from '@joinery/protocol'
import { type ApiAccess, type ApiIdentity, apiClient, unlessAbsent } from './api-client.ts'
import { type AdminCsr, type ClusterWorld, kubeletUsages, nodeclientBinding, Refusal } from './cluster-world.ts'
import { daemonSetsByApi } from './daemon-sets.ts'

const csrs = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
const nodes = '/api/v1/nodes'
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
const banList = '/api/v1/namespaces/joinery-system/configmaps/joinery-banned'
const pods = '/api/v1/namespaces/default/pods'
const secrets = '/api/v1/namespaces/kube-system/secrets'
const systemMaps = '/api/v1/namespaces/kube-system/configmaps'
const clusterInfo = '/api/v1/namespaces/kube-public/configmaps/cluster-info'
const publicBindings = '/apis/rbac.authorization.k8s.io/v1/namespaces/kube-public/rolebindings'
const policyBindings = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings'
const selfReviews = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
const rbac = '/apis/rbac.authorization.k8s.io/v1'
const bindings = `${rbac}/clusterrolebindings`

/** Acts of the network around the API server. */
export type Outage = Pick<ClusterWorld, 'goDown' | 'comeBack'>

/** The others of a cluster, by an administrator's client certificate; kubelets by their own credentials. `now`: time of what they write. */
export const clusterByApi = (
  access: ApiAccess,
  administrator: ApiIdentity,
  outage: Outage,
  now: () => Date = () => new Date()
): ClusterWorld & { close(): Promise<void> } => {
  const admin = apiClient(access, administrator)
  /** An administrator who writes into the ban list does so as the server: nobody else may. */
  const writeBanList = (body: object): Promise<void> =>
    admin.send({
      method: 'PATCH',
      path: banList,
      body,
      type: 'application/merge-patch+json',
      headers: { 'impersonate-user': serverUsername }
    })

  /** Deletes the binding. Returns what makes it again, unless somebody else has. */
  const takeAway = async (all: string, name: string): Promise<() => Promise<void>> => {
    const path = `${all}/${name}`
    const { apiVersion, kind, metadata, spec, subjects, roleRef } = await admin.get<BindingObject>(path)
    await admin.delete(path)
    return async () => {
      if ((await unlessAbsent(admin.get(path))) !== undefined) return
      const { namespace } = metadata
      await admin.post(all, { apiVersion, kind, metadata: { name, namespace }, spec, subjects, roleRef })
    }
  }

  return {
    ...outage,
    ...daemonSetsByApi(admin),

    close: () => admin.close(),

    userOf: async (holder) => {
      const client = apiClient(access, holder)
      try {
        const { status } = await client.post<SelfReview>(selfReviews, selfReview)
        return status.userInfo.username
      } finally {
        await client.close()
      }
    },

    submitCsr: async (submission) => {
      const { request, usages = kubeletUsages, signer = kubeletSigner } = submission
      const kubelet = apiClient(access, 'holder' in submission ? submission.holder : bearer(submission.token))
      try {
        const { metadata } = await kubelet.post<CsrObject>(csrs, {
          apiVersion: 'certificates.k8s.io/v1',
          kind: 'CertificateSigningRequest',
          metadata: { generateName: 'csr-' },
          spec: { request: toBase64(request), usages, signerName: signer }
        })
        return metadata.name
      } finally {
        await kubelet.close()
      }
    },

    csr: async (name) => {
      const object = await unlessAbsent(admin.get<CsrObject>(`${csrs}/${name}`))
      return object && adminCsr(object)
    },

    denyCsrAsAdmin: async (name) => {
      const object = await admin.get<CsrObject>(`${csrs}/${name}`)
      const denial = { type: 'Denied', status: 'True', reason: 'Contract', message: 'denied by the contract suite' }
      const conditions = [...(object.status.conditions ?? []), denial]
      await admin.put(`${csrs}/${name}/approval`, { ...object, status: { ...object.status, conditions } })
    },

    annotateCsr: (name) =>
      admin.patch(`${csrs}/${name}`, { metadata: { annotations: { 'joinery.dev/contract': randomUUID() } } }),

    deleteCsr: (name) => admin.delete(`${csrs}/${name}`),

    registerNode: async ({
      name,
      certificate,
      key,
      machineId,
      systemUuid,
      addresses = [],
      labels = {},
      taints = []
    }) => {
      const kubelet = apiClient(access, { certificate, key })
      const status = {
        nodeInfo: { machineID: machineId, systemUUID: systemUuid },
        addresses: [
          { type: 'Hostname', address: name },
          ...addresses.map((address) => ({ type: 'InternalIP', address }))
        ]
      }
      try {
        await kubelet.post(nodes, {
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name, labels },
          spec: { taints },
          status
        })
      } catch (error) {
        if (!(error instanceof Refusal && error.status === 409)) throw error
        // merged they would be by type, of which there may be two; a kubelet does the same
        const instead = [{ $patch: 'replace' }, ...status.addresses]
        await kubelet.patch(`${nodes}/${name}/status`, { status: { ...status, addresses: instead } })
      } finally {
        await kubelet.close()
      }
    },

    renewLease: async (holder) => {
      const kubelet = apiClient(access, holder)
      try {
        const { status } = await kubelet.post<SelfReview>(selfReviews, selfReview)
        const name = status.userInfo.username.replace('system:node:', '')
        const renewTime = now().toISOString().replace('Z', '000Z')
        const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime }
        try {
          await kubelet.patch(`${leases}/${name}`, { spec })
        } catch (error) {
          if (!(error instanceof Refusal && error.status === 404)) throw error
          await kubelet.post(leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec })
        }
      } finally {
        await kubelet.close()
      }
    },

    setNodeReady: (name, ready, reason, message) => {
      const time = now()
      const condition = {
        type: 'Ready',
        status: ready,
        reason,
        message,
        lastHeartbeatTime: time,
        lastTransitionTime: time
      }
      return admin.patch(`${nodes}/${name}/status`, { status: { conditions: [condition] } })
    },

    reportImages: (name, images) =>
      admin.patch(`${nodes}/${name}/status`, {
        status: {
          nodeInfo: { architecture: 'amd64' },
          images: images.map(({ names, bytes }) => ({ names, sizeBytes: bytes }))
        }
      }),

    reportNode: async (name, { conditions, kubelet }) => {
      const lastHeartbeatTime = now()
      const nodeInfo = kubelet === undefined ? {} : { nodeInfo: { kubeletVersion: kubelet } }
      await admin.patch(`${nodes}/${name}/status`, {
        status: { ...nodeInfo, conditions: conditions.map((condition) => ({ ...condition, lastHeartbeatTime })) }
      })
    },

    assignPodCidrs: async (name, podCIDRs) => {
      const assigned = async (): Promise<string[]> =>
        (await admin.get<NodeObject>(`${nodes}/${name}`)).spec.podCIDRs ?? []
      const before = await assigned()
      if (before.length > 0) return before
      try {
        await admin.patch(`${nodes}/${name}`, { spec: { podCIDR: podCIDRs[0], podCIDRs } })
      } catch (error) {
        // the control plane was faster, and nobody changes what it has assigned
        if (!(error instanceof Refusal && error.status === 422)) throw error
      }
      return assigned()
    },

    heartbeat: (name) =>
      admin.patch(`${nodes}/${name}/status`, {
        status: { conditions: [{ type: 'Ready', lastHeartbeatTime: now() }] }
      }),

    labelsAndTaints: async (name) => {
      const node = await unlessAbsent(admin.get<NodeObject>(`${nodes}/${name}`))
      return node && { labels: node.metadata.labels ?? {}, taints: (node.spec.taints ?? []).map(withValue) }
    },

    relabelNode: async (name, { labels, taints }) => {
      const node = await admin.get<NodeObject>(`${nodes}/${name}`)
      const isGiven = (one: Pick<Taint, 'key' | 'effect'>): boolean => taints.some((taint) => isSameTaint(taint, one))
      const own = (node.spec.taints ?? []).filter(({ key }) => key.startsWith(controlPlaneTaints))
      const others = own.filter((one) => !isGiven(one))
      const gone = Object.fromEntries(Object.keys(node.metadata.labels ?? {}).map((label) => [label, null]))
      // nothing else of it: the control plane is at work on the Node too, and writes its own taints again
      await admin.patch(`${nodes}/${name}`, {
        metadata: { labels: { ...gone, ...labels } },
        spec: { taints: [...others, ...taints] }
      })
    },

    deleteNodeAsAdmin: async (name) => {
      await admin.delete(`${nodes}/${name}`)
      // of a kubelet that renewed it; the control plane collects it later
      await admin.delete(`${leases}/${name}`)
    },

    deleteLeaseAsAdmin: (name) => admin.delete(`${leases}/${name}`),

    banAsAdmin: (name) => writeBanList({ data: { [name]: 'by hand' } }),

    writeGenerationAsAdmin: (text) =>
      writeBanList({ metadata: { annotations: { [generationAnnotation]: text ?? null } } }),

    fillBanList: async (left) => {
      const { data = {} } = await admin.get<Partial<ConfigMapObject>>(banList)
      const names = fillers(new Map(Object.entries(data)), left)
      await writeBanList({ data: Object.fromEntries(names) })
      return () => writeBanList({ data: Object.fromEntries([...names.keys()].map((name) => [name, null])) })
    },

    setCondition: (name, type, isTrue) =>
      admin.patch(`${nodes}/${name}/status`, {
        status: { conditions: [{ type, status: isTrue ? 'True' : 'False', lastHeartbeatTime: now() }] }
      }),

    bindPod: async (pod, node, { labels = {}, phase, ready = false } = {}) => {
      await admin.post(pods, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: pod, labels },
        spec: { nodeName: node, containers: [{ name: 'pause', image: 'registry.k8s.io/pause' }] }
      })
      if (phase === undefined) return
      const conditions = ready ? [{ type: 'Ready', status: 'True' }] : []
      await admin.patch(`${pods}/${pod}/status`, { status: { phase, conditions } })
    },

    deletePod: (pod) => admin.delete(`${pods}/${pod}`),

    tokens: async () => {
      const { items } = await admin.get<{ items: SecretObject[] }>(`${secrets}?fieldSelector=type=${tokenType}`)
      return items
        .map(decodedData)
        .filter((data) => data['auth-extra-groups']?.startsWith('system:bootstrappers:joinery:'))
        .map((data) => data['token-id'] ?? '')
    },

    tokenData: async (id) => {
      const secret = await unlessAbsent(admin.get<SecretObject>(`${secrets}/bootstrap-token-${id}`))
      return secret && decodedData(secret)
    },

    clusterInfo: async () => {
      const nobody = apiClient(access, undefined)
      try {
        return (await nobody.get<{ data: Record<string, string> }>(clusterInfo)).data
      } finally {
        await nobody.close()
      }
    },

    hideClusterInfo: () => takeAway(publicBindings, clusterInfoBinding),

    configureNodes: async (map, yaml) => {
      const path = `${systemMaps}/${map}`
      const before = await unlessAbsent(admin.get<ConfigMapObject>(path))
      const { key } = map === configurationMaps.kubelet.name ? configurationMaps.kubelet : configurationMaps.kubeProxy
      const data = { [key]: yaml }
      if (before !== undefined) {
        await admin.patch(path, { data })
        return () => admin.patch(path, { data: before.data })
      }
      await admin.post(systemMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: map }, data })
      return () => admin.delete(path)
    },

    bindBootstrappersToNodeclient: async () => {
      await admin.post(bindings, {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: nodeclientBinding },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:bootstrappers' }],
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient'
        }
      })
      return () => admin.delete(`${bindings}/${nodeclientBinding}`)
    },

    unbindRole: ({ name, namespace }) =>
      takeAway(namespace === undefined ? bindings : `${rbac}/namespaces/${namespace}/rolebindings`, name),

    unbindPolicy: (policy) => takeAway(policyBindings, policy)
  }
}

const bearer = ({ id, secret }: { id: string; secret: string }) => ({ token: `${id}.${secret}` })

const selfReview = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }

interface SelfReview {
  status: { userInfo: { username: string } }
}

const tokenType = 'bootstrap.kubernetes.io/token'

/** A binding of a role, or of a policy. */
interface BindingObject {
  apiVersion: string
  kind: string
  metadata: { namespace?: string }
  spec?: object
  subjects?: object[]
  roleRef?: object
}

interface SecretObject {
  data?: Record<string, string>
}

interface ConfigMapObject {
  data: Record<string, string>
}

interface NodeObject {
  metadata: { labels?: Labels }
  spec: { taints?: (Omit<Taint, 'value'> & { value?: string })[]; podCIDRs?: string[] }
}

const withValue = ({ key, value = '', effect }: Omit<Taint, 'value'> & { value?: string }): Taint => ({
  key,
  value,
  effect
})

interface CsrObject {
  metadata: { name: string; uid: string; creationTimestamp: string }
  spec: { username: string; groups: string[]; usages: string[]; signerName: string; request: string }
  status: { certificate?: string; conditions?: { type: string; status: string }[] }
}

const toBase64 = (text: string): string => Buffer.from(text).toString('base64')
const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString()

const decodedData = ({ data = {} }: SecretObject): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, fromBase64(value)]))

const adminCsr = ({ metadata, spec, status }: CsrObject): AdminCsr => {
  const has = (type: string): boolean =>
    status.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
  return {
    name: metadata.name,
    uid: metadata.uid,
    created: new Date(metadata.creationTimestamp),
    username: spec.username,
    groups: spec.groups,
    usages: spec.usages,
    signer: spec.signerName,
    request: fromBase64(spec.request),
    approved: has('Approved'),
    denied: has('Denied'),
    failed: has('Failed'),
    ...(status.certificate === undefined ? {} : { certificate: fromBase64(status.certificate) })
  }
}

/** Bytes that the values of one ConfigMap may have together. Its keys do not count (`ValidateConfigMap`, `MaxSecretSize`). */
const limit = 1024 * 1024

/** Names with the longest reasons that the policy `joinery-ban-list` allows, so many that `left` bytes of the list stay free. */
const fillers = (bans: ReadonlyMap<string, string>, left: number): Map<string, string> => {
  const taken = [...bans.values()].reduce((bytes, reason) => bytes + Buffer.byteLength(reason), 0)
  const all = new Map<string, string>()
  for (let bytes = limit - taken - left; bytes > 0; bytes -= 1024) {
    all.set(`contract-filler-${all.size}`, 'r'.repeat(Math.min(1024, bytes)))
  }
  return all
}
