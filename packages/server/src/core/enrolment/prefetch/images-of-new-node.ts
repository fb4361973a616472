import {
  imagesAtMost,
  isBeforeClaim,
  type Labels,
  type PrefetchImage,
  readReference,
  referenceText,
  type Taints
} from '@joinery/protocol'
import type { ImageFacts } from '../../ports/cluster/images/image-facts.ts'
import { type ImageIndex, imageKey } from '../../ports/cluster/images/image-index.ts'
import type { DaemonSetSight } from '../../ports/cluster/node-sight.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { judgePlacement } from './placement.ts'

/**
 * The images that the Node of this machine will run, as far as the cluster tells: those of each DaemonSet that is for it. If the server
 * may not read DaemonSets, kube-proxy is the one that is known.
 */
export const imagesOfNewNode = (
  machine: Parameters<typeof nodeToBe>[0],
  { kubeProxy, daemonSets, index }: ImageFacts
): PrefetchImage[] => {
  const node = nodeToBe(machine)
  const runs = daemonSets?.filter(({ needs }) => judgePlacement(needs, node) === 'runs').map(workOf)
  return decideImages(runs ?? (kubeProxy === undefined ? [] : [kubeProxyWork(kubeProxy)]), machine.facts.arch, index)
}

const workOf = ({ namespace, name, images, needsSecret, needs: { hostNetwork } }: DaemonSetSight): NodeWork => ({
  namespace,
  name,
  images,
  hostNetwork,
  needsSecret
})

/** kube-proxy's DaemonSet, as kubeadm makes it. */
const kubeProxyWork = (image: string): NodeWork => ({
  namespace: 'kube-system',
  name: 'kube-proxy',
  images: [image],
  hostNetwork: true,
  needsSecret: false
})

/**
 * True if the machine is told which images the nodes of the cluster run: its code allows it, and the machine waits for its approval or
 * its claim. A frozen enrolment is told nothing, since one of its two keys is a stranger's.
 */
export const isToldImages = (enrolment: Pick<EnrolmentDocument, 'state' | 'terms'>): boolean =>
  enrolment.terms.prefetch === true && isBeforeClaim(enrolment)

/** The Node that a machine will be, as far as DaemonSets choose Nodes by it. */
interface NodeToBe {
  name: string
  labels: Labels
  /** Taints that stay. Those of a Node that is not Ready yet keep no DaemonSet away. */
  taints: Taints
}

const controlPlane = 'node-role.kubernetes.io/control-plane'

/** The Node that the machine will be: what the kubelet and kubeadm give each Node, and what the code gives this one. */
export const nodeToBe = ({
  name,
  role,
  facts: { arch },
  terms: { labels = {}, taints = [] }
}: Pick<EnrolmentDocument, 'name' | 'role' | 'facts' | 'terms'>): NodeToBe => {
  const isControlPlane = role === 'control-plane'
  return {
    name,
    labels: {
      ...labels,
      'beta.kubernetes.io/arch': arch,
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': arch,
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      // kubeadm's phase mark-control-plane
      ...(isControlPlane && { [controlPlane]: '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' })
    },
    taints: [...taints, ...(isControlPlane ? [{ key: controlPlane, value: '', effect: 'NoSchedule' as const }] : [])]
  }
}

/** Pods that every new Node of some kind runs: those of one DaemonSet. */
export interface NodeWork {
  namespace: string
  name: string
  /** Images in the order in which its containers start. One that the kubelet never pulls is not among them. */
  images: readonly string[]
  /** True if its Pods run in the network of the host: they start before there is a network plugin, and one of them brings it. */
  hostNetwork: boolean
  /** True if its Pods name a Secret with the credential of a registry. */
  needsSecret: boolean
}

/** Largest image, and most bytes together, that a machine is told to pull. They are compressed: on the disk they are three times that. */
export const byteBounds = { image: 2 * 2 ** 30, all: 4 * 2 ** 30 } as const

/**
 * The images that a new Node of this architecture runs, those first that it needs to be Ready. An image is named by the digest that
 * Nodes of the same architecture have, else by its tag, as the kubelet would pull it. An image that is too large is left out, and so is
 * what needs a Secret of the cluster: no machine that waits gets one.
 */
export const decideImages = (work: readonly NodeWork[], arch: string, index: ImageIndex): PrefetchImage[] => {
  const chosen = new Map<string, PrefetchImage>()
  let all = 0
  for (const { images, needsSecret } of work.toSorted(byNeed)) {
    if (needsSecret) continue
    for (const text of images) {
      const reference = readReference(text)
      if (reference === undefined) continue
      const { image, bytes } = index.get(imageKey(arch, reference)) ?? { image: referenceText(reference) }
      if (chosen.has(image) || chosen.size >= imagesAtMost || !isWithin(bytes ?? 0, all)) continue
      chosen.set(image, { image, ...(bytes !== undefined && { bytes }) })
      all += bytes ?? 0
    }
  }
  return [...chosen.values()]
}

const isWithin = (bytes: number, before: number): boolean =>
  bytes <= byteBounds.image && before + bytes <= byteBounds.all

const byNeed = (one: NodeWork, other: NodeWork): number =>
  Number(other.hostNetwork) - Number(one.hostNetwork) ||
  compare(one.namespace, other.namespace) ||
  compare(one.name, other.name)

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
