import { type Cause, type CauseCode, formatTaint, isPluginName } from '@joinery/protocol'
import { judgePlacement } from '../../../core/enrolment/prefetch/placement.ts'
import type { ContainerSight, DaemonPod, DaemonSetSight } from '../../../core/ports/cluster/node-sight.ts'
import type { Reading } from './reading.ts'
import { causeOf, command, inWords, onMachine } from './told.ts'

/** Time in milliseconds in which the Pod of a DaemonSet is made, bound, and ready on a machine that is well. */
const patience = 2 * 60_000

/** The kinds of DaemonSets that matter to a Node. The network plugin makes it Ready, and kube-proxy its Services. */
type Kind = 'plugin' | 'kube-proxy' | 'other'

/** Folders of the host where a network plugin puts its configuration and its programs. */
const pluginFolders = ['/etc/cni', '/opt/cni']

/** True if the DaemonSet is a network plugin: it mounts a folder of CNI, or has a name that is known. */
export const isNetworkPlugin = ({ name, hostPaths }: Pick<DaemonSetSight, 'name' | 'hostPaths'>): boolean =>
  isPluginName(name) ||
  hostPaths.some((path) => pluginFolders.some((folder) => path === folder || path.startsWith(`${folder}/`)))

/**
 * Causes that DaemonSets and their Pods on this Node show. The Pod of a network plugin makes the Node Ready; all others wait for that,
 * so a Pod that is merely not ready yet is told of only after a while.
 */
export const judgeDaemonSets = (reading: Reading, now: Date): Cause[] => {
  const { daemonSets, pods } = reading
  if (daemonSets === undefined || pods === undefined) return []
  const plugins = daemonSets.filter(isNetworkPlugin)
  if (plugins.length === 0) {
    return [
      causeOf('plugin-missing', 'the cluster has no network plugin, and no Node is Ready without one', {
        evidence: [
          `${daemonSets.length} DaemonSets: none mounts /etc/cni/net.d or /opt/cni/bin, and none has the name of a network plugin`
        ],
        remedy: [
          '# install one: https://kubernetes.io/docs/concepts/cluster-administration/addons/#networking-and-network-policy'
        ]
      })
    ]
  }
  return daemonSets.flatMap((one) => judgeOne(one, kindOf(one), reading, now))
}

const kindOf = (daemonSet: DaemonSetSight): Kind => {
  if (isNetworkPlugin(daemonSet)) return 'plugin'
  return daemonSet.name === 'kube-proxy' ? 'kube-proxy' : 'other'
}

const judgeOne = (daemonSet: DaemonSetSight, kind: Kind, reading: Reading, now: Date): Cause[] => {
  const { name, node, pods } = reading
  const placement = judgePlacement(daemonSet.needs, { ...node, name })
  if (placement === 'elsewhere') return []
  const [pod] = (pods?.pods ?? [])
    .filter(({ owner, isLeaving }) => owner === daemonSet.uid && !isLeaving)
    .sort((one, other) => other.created.getTime() - one.created.getTime())
  if (pod !== undefined) return judgePod(pod, daemonSet, kind, now)
  if (typeof placement === 'object') return keptOut(daemonSet, kind, name, formatTaint(placement.keptOut))
  return missing(daemonSet, kind, reading, now)
}

/** Tells of a Pod that a taint keeps out. A taint keeps others than the plugin out until the Node is Ready, and that is how it should be. */
const keptOut = (daemonSet: DaemonSetSight, kind: Kind, node: string, taint: string): Cause[] => {
  if (kind === 'other') return []
  const called = `${daemonSet.namespace}/${daemonSet.name}`
  const text = `DaemonSet ${called} does not tolerate the taint ${taint}, so its Pod does not run here`
  return [
    causeOf(kind === 'plugin' ? 'plugin-kept-out' : 'kube-proxy-failing', text, {
      evidence: [`Node ${node}: ${taint}`, `DaemonSet ${called}: no toleration of it`],
      remedy: [
        describe(daemonSet),
        '# give it this toleration, or take the taint away if nothing else does:',
        command('kubectl', 'taint', 'node', node, `${taint}-`)
      ]
    })
  ]
}

const missing = (daemonSet: DaemonSetSight, kind: Kind, { name, node }: Reading, now: Date): Cause[] => {
  if (now.getTime() - node.created.getTime() < patience)
    return kind === 'plugin' ? [starting(daemonSet, node.created)] : []
  const called = `${daemonSet.namespace}/${daemonSet.name}`
  const code: CauseCode =
    kind === 'plugin' ? 'plugin-starting' : kind === 'kube-proxy' ? 'kube-proxy-failing' : 'pod-failing'
  return [
    causeOf(code, `DaemonSet ${called} should run on this Node, and no Pod of it is bound to it`, {
      since: node.created,
      evidence: [`Node ${name}: none of its Pods belongs to DaemonSet ${called}`],
      remedy: [
        describe(daemonSet),
        command(
          'kubectl',
          '--namespace',
          daemonSet.namespace,
          'get',
          'pods',
          '--field-selector',
          'spec.nodeName=',
          '-o',
          'wide'
        ),
        '# if there is no Pod at all: look at kube-controller-manager; if one is Pending: at its events'
      ]
    })
  ]
}

const starting = (daemonSet: DaemonSetSight, since: Date): Cause =>
  causeOf(
    'plugin-starting',
    `the Pod of the network plugin ${daemonSet.namespace}/${daemonSet.name} is not there yet`,
    {
      since,
      remedy: [describe(daemonSet)]
    }
  )

/** Reasons for which a container waits for its image (pkg/kubelet/images/types.go and pkg/kubelet/kuberuntime). */
const imageReasons = [
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed'
]

/** Reasons for which a container waits although its image is there. */
const failingReasons = [
  'CrashLoopBackOff',
  'RunContainerError',
  'CreateContainerError',
  'CreateContainerConfigError',
  'PostStartHookError',
  'PreStartHookError'
]

const codes = {
  plugin: { image: 'plugin-image', failing: 'plugin-failing', starting: 'plugin-starting' },
  'kube-proxy': { image: 'kube-proxy-failing', failing: 'kube-proxy-failing', starting: 'kube-proxy-failing' },
  other: { image: 'pod-image', failing: 'pod-failing', starting: 'pod-failing' }
} as const satisfies Record<Kind, Record<'image' | 'failing' | 'starting', CauseCode>>

const judgePod = (pod: DaemonPod, daemonSet: DaemonSetSight, kind: Kind, now: Date): Cause[] => {
  if (pod.isReady) {
    const restarted = kind === 'other' ? undefined : pod.containers.find((container) => hasEndedLately(container, now))
    return restarted === undefined ? [] : [failingCause(pod, restarted, codes[kind].failing)]
  }
  const waitsFor = (reasons: readonly string[]) =>
    pod.containers.find(({ waiting }) => waiting !== undefined && reasons.includes(waiting.reason))
  const pulling = waitsFor(imageReasons)
  if (pulling !== undefined) return [imageCause(pod, pulling, codes[kind].image)]
  const failing = waitsFor(failingReasons) ?? pod.containers.find(hasFailed)
  if (failing !== undefined) return [failingCause(pod, failing, codes[kind].failing)]
  if (pod.phase === 'Failed') {
    const text = `the Pod ${nameOf(pod)} has failed: ${pod.reason}`
    return [
      causeOf(codes[kind].failing, text, {
        since: pod.created,
        evidence: [pod.message],
        remedy: [describe(pod, 'pod')]
      })
    ]
  }
  const age = now.getTime() - pod.created.getTime()
  if (kind !== 'plugin' && age < patience) return []
  const waits = pod.containers.flatMap(({ name, ready, waiting }) =>
    ready ? [] : `container ${name}: ${waiting === undefined ? 'not ready' : `${waiting.reason} ${waiting.message}`}`
  )
  return [
    causeOf(codes[kind].starting, `the Pod ${nameOf(pod)} of DaemonSet ${daemonSet.name} is not ready yet`, {
      since: pod.created,
      evidence: [`Pod ${nameOf(pod)}: ${pod.phase} for ${inWords(age)}`, ...waits],
      remedy: [describe(pod, 'pod')]
    })
  ]
}

/** True if the container has ended with an error a moment ago: between two ends it runs, and its Pod is ready for a second. */
const hasEndedLately = ({ restarts, ended }: ContainerSight, now: Date): boolean =>
  restarts > 0 && ended?.at !== undefined && ended.exitCode !== 0 && now.getTime() - ended.at.getTime() < patience

/** True if the container ends again and again, or has ended with an error. */
const hasFailed = ({ ready, restarts, ended }: ContainerSight): boolean =>
  !ready && ended !== undefined && (ended.exitCode !== 0 || restarts > 0)

const imageCause = (pod: DaemonPod, { name, image, waiting }: ContainerSight, code: CauseCode): Cause =>
  causeOf(code, `the image ${image} of Pod ${nameOf(pod)} cannot be pulled`, {
    since: pod.created,
    evidence: [`container ${name}: ${waiting?.reason}: ${waiting?.message}`],
    remedy: [describe(pod, 'pod'), `# on the machine, as root: ${command('crictl', 'pull', image)}`]
  })

const failingCause = (pod: DaemonPod, container: ContainerSight, code: CauseCode): Cause => {
  const { name, restarts, waiting, ended } = container
  const how =
    ended === undefined
      ? (waiting?.reason ?? '')
      : `exit code ${ended.exitCode}${ended.reason === '' ? '' : `, ${ended.reason}`}`
  return causeOf(code, `container ${name} of Pod ${nameOf(pod)} does not stay up: ${how}`, {
    since: pod.created,
    evidence: [
      `container ${name}: ${restarts} restarts`,
      waiting === undefined ? undefined : `container ${name}: ${waiting.reason}: ${waiting.message}`,
      ended === undefined || ended.message === '' ? undefined : `container ${name}: its last words: ${ended.message}`
    ],
    remedy: [
      command('kubectl', '--namespace', pod.namespace, 'logs', pod.name, '--container', name, '--previous'),
      describe(pod, 'pod'),
      onMachine
    ]
  })
}

const nameOf = ({ namespace, name }: Pick<DaemonPod, 'namespace' | 'name'>): string => `${namespace}/${name}`

const describe = ({ namespace, name }: Pick<DaemonPod, 'namespace' | 'name'>, kind = 'daemonset'): string =>
  command('kubectl', '--namespace', namespace, 'describe', kind, name)
