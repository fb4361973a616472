import type { BootstrapUser, KubeletSide } from '@joinery/fake-machine'
import { refusedConnection } from '@joinery/fake-machine'
import { isSameTaint, roleLabel } from '@joinery/protocol'
import type { UnguardedCluster } from '@joinery/server/testing/cluster'
import type { ClusterWorld } from './world/cluster-world.ts'
import { kubeletRequest } from './world/kubelet-request.ts'

/** Condition that a kubelet reports before there is a network plugin. */
const noNetwork = [
  'KubeletNotReady',
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized'
] as const

/**
 * The rehearsal cluster as the kubelets of rehearsal machines see it. With `networkPlugin`, the cluster has one, and a
 * Node is Ready as soon as it is registered.
 */
export const kubeletSide = async (
  cluster: UnguardedCluster & ClusterWorld,
  networkPlugin: boolean,
  now: () => number = Date.now
): Promise<KubeletSide> => {
  const { server, certificateAuthority } = await cluster.endpoint()
  return {
    server,
    now,

    answer: async (way, name, as) => {
      if (way.server !== server) return { answer: 'none', why: 'refuses the connection: nothing listens there' }
      if (!way.ca.includes(certificateAuthority.trim())) return { answer: 'untrusted' }
      // an HTTP date has whole seconds
      const http = (status: number) => ({ answer: 'http', status, date: Math.floor(now() / 1000) * 1000 }) as const
      if (as === undefined) return http(403)
      const user = await cluster.userOf(as).catch(() => undefined)
      if (user === undefined) return http(401)
      if (user !== `system:node:${name}`) return http(403)
      return http((await cluster.nodes()).some((node) => node.name === name) ? 200 : 404)
    },

    discover: async (user) => {
      await cluster.version().catch(() => {
        throw new Error(refusedConnection(server))
      })
      if ('key' in user) return void (await cluster.userOf(user))
      const { id, secret } = tokenParts(user.token)
      if ((await cluster.tokenData(id))?.['token-secret'] !== secret) throw new Error('Unauthorized')
    },

    requestCertificate: async (user, nodeName) => {
      const { request, key } = await kubeletRequest(nodeName)
      return { name: await cluster.submitCsr({ ...requester(user), request }), key }
    },

    certificate: async (request) => (await cluster.csr(request))?.certificate,

    registerNode: async (registration) => {
      await cluster.registerNode(registration)
      await cluster.setNodeReady(registration.name, 'False', ...noNetwork)
      if (networkPlugin) await makeReady(cluster, registration.name)
    },

    markControlPlane: async (name, given) => {
      const { labels = {}, taints = [] } = (await cluster.labelsAndTaints(name)) ?? {}
      const own = { key: roleLabel('control-plane'), value: '', effect: 'NoSchedule' } as const
      const marks = given ?? [own]
      const others = taints.filter((taint) => !marks.some((mark) => isSameTaint(taint, mark)))
      await cluster.relabelNode(name, { labels: { ...labels, [own.key]: '' }, taints: [...others, ...marks] })
    },

    node: async (name) => {
      const node = (await cluster.nodes()).find((node) => node.name === name)
      if (node === undefined) return undefined
      const { ready, reason, message } = node
      return { status: { conditions: reason === '' ? [] : [{ type: 'Ready', status: ready, reason, message }] } }
    }
  }
}

/** Makes the Node Ready, as the kubelet reports it once there is a network plugin. */
export const makeReady = (cluster: ClusterWorld, name: string): Promise<void> =>
  cluster.setNodeReady(name, 'True', 'KubeletReady', 'kubelet is posting ready status')

const requester = (user: BootstrapUser) => ('key' in user ? { holder: user } : { token: tokenParts(user.token) })

const tokenParts = (token: string): { id: string; secret: string } => {
  const [id = '', secret = ''] = token.split('.')
  return { id, secret }
}
