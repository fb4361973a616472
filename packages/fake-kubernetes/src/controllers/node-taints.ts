import { core } from '../kubeadm/new-object.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import type { Objects } from '../objects/objects.ts'

interface Taint {
  key: string
  value?: string
  effect: string
}

type Node = KubeObject & {
  spec?: { taints?: readonly Taint[]; unschedulable?: boolean }
  status?: { conditions?: readonly { type: string; status: string }[] }
}

/** Taints by the condition that they stand for, as `type=status` (pkg/controller/nodelifecycle, nodeConditionToTaintKeyStatusMap). */
const taintOf: Readonly<Record<string, string>> = {
  'Ready=False': 'not-ready',
  'Ready=Unknown': 'unreachable',
  'MemoryPressure=True': 'memory-pressure',
  'DiskPressure=True': 'disk-pressure',
  'NetworkUnavailable=True': 'network-unavailable',
  'PIDPressure=True': 'pid-pressure'
}

const prefix = 'node.kubernetes.io/'
const own = new Set([...Object.values(taintOf), 'unschedulable'].map((word) => prefix + word))

/**
 * Gives each Node the NoSchedule taints of its conditions, and takes those of conditions that it has not. The plugin TaintNodesByCondition is
 * left out: a new Node would have a taint until this has run, and a test would see it by luck.
 */
export const nodeTaints = (objects: Objects) => (): void => {
  for (const node of objects.list<Node>(core('nodes'))) {
    const conditions = node.status?.conditions ?? []
    const words = conditions.flatMap(({ type, status }) => taintOf[`${type}=${status}`] ?? [])
    const wanted = [...words, ...(node.spec?.unschedulable === true ? ['unschedulable'] : [])].map(
      (word) => prefix + word
    )
    const taints = node.spec?.taints ?? []
    const isOwn = ({ key, effect }: Taint): boolean => effect === 'NoSchedule' && own.has(key)
    const kept = taints.filter((taint) => !isOwn(taint) || wanted.includes(taint.key))
    const missing = wanted.filter((key) => !kept.some((taint) => isOwn(taint) && taint.key === key))
    if (kept.length === taints.length && missing.length === 0) continue
    const next = [...kept, ...missing.map((key) => ({ key, effect: 'NoSchedule' }))]
    objects.replace(core('nodes'), { ...node, spec: { ...node.spec, taints: next } })
  }
}
