import { anonymousAccess } from '../anonymous-access.ts'
import type { ComponentPod } from '../sight.ts'
import { type ClusterCheck, comment, type Finding, listed, pass, skipped, wrong } from './check.ts'

/**
 * Check of the paths that anonymous requests reach: AnonymousAuthConfigurableEndpoints, stable since Kubernetes 1.34.
 */
export const anonymousEndpoints: ClusterCheck = {
  name: 'anonymous-endpoints',
  why: 'one binding to anonymous users, made by mistake, opens the API to anybody who reaches it: a list of paths prevents this',
  run: async (sight) => judgeEndpoints(await sight.controlPlane('kube-apiserver'))
}

/** Paths that probes and load balancers ask for. */
export const healthPaths = ['/livez', '/readyz', '/healthz']
export const clusterInfoPath = '/api/v1/namespaces/kube-public/configmaps/cluster-info'

export const judgeEndpoints = (pods: readonly ComponentPod[]): Finding => {
  if (pods.length === 0) return skipped('kube-system shows no Pod of kube-apiserver: its flags cannot be seen')
  const seen = pods.map((pod) => ({ pod, access: anonymousAccess(pod) }))
  const open = seen.filter(({ access }) => access.kind === 'everywhere').map(({ pod }) => pod)
  if (open.length > 0) return wrong('warn', `requests without a credential reach every path: ${names(open)}`, ...limit)
  const paths = seen.flatMap(({ access }) => (access.kind === 'limited' ? access.paths : []))
  const more = [...new Set(paths)].filter((path) => ![...healthPaths, clusterInfoPath].includes(path))
  if (more.length > 0) {
    return wrong(
      'warn',
      `requests without a credential reach ${listed(more)}`,
      comment('remove the paths that nobody needs from anonymous.conditions, in the file of --authentication-config')
    )
  }
  const unseen = seen.filter(({ access }) => access.kind === 'unseen').map(({ pod }) => pod)
  if (unseen.length > 0) {
    return skipped(`look at anonymous.conditions yourself: ${listed(unseen.map(whereOf))} could not be read here`)
  }
  return pass(
    paths.length === 0
      ? 'the API server lets nobody in without a credential'
      : `anybody without a credential reaches ${listed([...new Set(paths)])}`
  )
}

const names = (pods: readonly ComponentPod[]): string => listed(pods.map(({ name }) => name))

const whereOf = ({ node, flags }: ComponentPod): string => `${flags.get('authentication-config')} on ${node}`

const conditions = healthPaths.map((path) => `{path: ${path}}`).join(', ')

/** Remedy without a command: an API server with half of it does not start. */
const limit = [
  comment(
    `on each control-plane host, write a file of kind AuthenticationConfiguration (apiserver.config.k8s.io/v1) with anonymous: {enabled: true, conditions: [${conditions}]}`
  ),
  comment(
    `add {path: ${clusterInfoPath}} to it for as long as somebody joins by kubeadm join --token: machines of Joinery, and --discovery-file, do not need it`
  ),
  comment(
    'mount it into kube-apiserver, name it by --authentication-config, and take --anonymous-auth away, in /etc/kubernetes/manifests/kube-apiserver.yaml'
  )
]
