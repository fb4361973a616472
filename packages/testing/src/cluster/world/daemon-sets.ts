import { eventually } from '../../clocks/eventually.ts'
import type { ApiClient } from './api-client.ts'
import type { DaemonPodStatus, DaemonSetMade } from './cluster-world.ts'

const daemonSets = '/apis/apps/v1/namespaces/default/daemonsets'
const pods = '/api/v1/namespaces/default/pods'
const label = 'contract-daemon-set'

/** The DaemonSets of a cluster, by an administrator. Its control plane makes their Pods; no kubelet runs them. */
export const daemonSetsByApi = (admin: ApiClient) => {
  const podsOf = async (name: string): Promise<PodObject[]> =>
    (await admin.get<{ items: PodObject[] }>(`${pods}?labelSelector=${label}%3D${name}`)).items
  return {
    makeDaemonSet: async (
      name: string,
      { nodeSelector = {}, tolerations = [], hostPaths = [], ...more }: DaemonSetMade = {}
    ) => {
      const { images = ['registry.k8s.io/pause'], pullSecrets = [], hostNetwork = false } = more
      await admin.post(daemonSets, {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name },
        spec: {
          selector: { matchLabels: { [label]: name } },
          template: {
            metadata: { labels: { [label]: name } },
            spec: {
              nodeSelector,
              tolerations: tolerations.map((toleration) => withoutEmpty(toleration)),
              hostNetwork,
              imagePullSecrets: pullSecrets.map((secret) => ({ name: secret })),
              containers: images.map((image, index) => ({ name: `main-${index}`, image })),
              volumes: hostPaths.map((path, index) => ({ name: `path-${index}`, hostPath: { path } }))
            }
          }
        }
      })
    },

    deleteDaemonSet: async (name: string) => {
      await admin.delete(`${daemonSets}/${name}`)
      // nothing makes new ones once it is gone; no kubelet would ever end these
      await eventually(`the Pods of ${name} are gone`, async () => {
        const left = await podsOf(name)
        for (const { metadata } of left) await admin.delete(`${pods}/${metadata.name}`)
        return left.length === 0
      })
    },

    runDaemonPod: async (daemonSet: string, node: string, { phase, ready, containers }: DaemonPodStatus) => {
      const { metadata, spec } = await eventually(`the control plane makes the Pod of ${daemonSet}`, async () =>
        (await podsOf(daemonSet)).find((pod) => nodeOf(pod) === node)
      )
      if (spec.nodeName === undefined) {
        await admin.post(`${pods}/${metadata.name}/binding`, {
          apiVersion: 'v1',
          kind: 'Binding',
          metadata: { name: metadata.name },
          target: { apiVersion: 'v1', kind: 'Node', name: node }
        })
      }
      await admin.patch(`${pods}/${metadata.name}/status`, {
        status: {
          phase,
          conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
          containerStatuses: containers.map(({ waiting, ended, restarts, ...container }) => ({
            ...container,
            imageID: '',
            restartCount: restarts,
            state: waiting === undefined ? { running: {} } : { waiting },
            ...(ended !== undefined && { lastState: { terminated: terminated(ended) } })
          }))
        }
      })
    }
  }
}

interface PodObject {
  metadata: { name: string }
  spec: {
    nodeName?: string
    affinity?: {
      nodeAffinity?: {
        requiredDuringSchedulingIgnoredDuringExecution?: {
          nodeSelectorTerms: { matchFields?: { values: string[] }[] }[]
        }
      }
    }
  }
}

/** The Node that the Pod is for: the DaemonSet controller says it by an affinity to the name. */
const nodeOf = ({ spec }: PodObject): string | undefined =>
  spec.nodeName ??
  spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]?.matchFields?.[0]
    ?.values[0]

const terminated = ({
  exitCode,
  reason,
  message,
  at
}: NonNullable<DaemonPodStatus['containers'][number]['ended']>) => ({
  exitCode,
  reason,
  message,
  ...(at !== undefined && { finishedAt: at.toISOString().replace(/\.\d+/, '') })
})

const withoutEmpty = (toleration: object): object =>
  Object.fromEntries(Object.entries(toleration).filter(([, value]) => value !== ''))
