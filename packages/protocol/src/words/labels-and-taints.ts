import Type, { type Static } from 'typebox'

/** Node labels by key. A role, as kubectl shows it, is the label `node-role.kubernetes.io/ROLE` without a value. */
export const Labels = Type.Record(
  Type.String(),
  Type.String({ maxLength: 63, description: 'value of the label; may be empty' }),
  { maxProperties: 50, description: 'labels that the Node gets, by key' }
)
export type Labels = Static<typeof Labels>

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const

/** A taint as in `spec.taints` of a Node. A taint without a value has an empty one. */
export const Taint = Type.Object(
  {
    key: Type.String({ maxLength: 317, description: 'key of the taint' }),
    value: Type.String({ maxLength: 63, description: 'value of the taint; may be empty' }),
    effect: Type.Enum([...taintEffects], { description: 'what the taint does to Pods that do not tolerate it' })
  },
  { additionalProperties: false, description: 'taint as in spec.taints of a Node' }
)
export type Taint = Static<typeof Taint>

/** Most taints of one Node that Joinery gives. */
export const taintsAtMost = 20

export const Taints = Type.Array(Taint, { maxItems: taintsAtMost, description: 'taints that the Node gets' })
export type Taints = Static<typeof Taints>

/** Labels that the kubelet writes itself, and writes again (`updateDefaultLabels` in its source). */
export const kubeletLabels = [
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch'
] as const

export const roleLabel = (role: string): string => `${rolePrefix}${role}`

const rolePrefix = 'node-role.kubernetes.io/'

/** The roles of a Node with these labels, sorted. */
export const rolesOf = (labels: Labels): string[] =>
  Object.keys(labels)
    .filter((key) => key.startsWith(rolePrefix))
    .map((key) => key.slice(rolePrefix.length))
    .sort()

/** Labels by which the control plane is known to itself, to kubeadm and to load balancers. */
export const controlPlaneLabels = [roleLabel('control-plane'), roleLabel('master')] as const

/** True if the Node is a control plane. kubeadm labels it when it has joined. */
export const isControlPlane = ({ labels }: { labels: Labels }): boolean =>
  controlPlaneLabels.some((label) => label in labels)

/** Prefix of the taints that the control plane itself puts on Nodes by their conditions, and takes back. */
export const controlPlaneTaints = 'node.kubernetes.io/'

/**
 * The label with which a machine's kubelet registers its Node. The server removes it once the Node has its labels and
 * taints. As long as it is there, the server may change values. A kubelet does not restore it, nor any other label
 * that is not among its defaults.
 */
export const joiningLabel = 'joinery.dev/joining'

/** Key of the taint that a Node has until the gates of its code hold. */
export const startupTaintKey = 'joinery.dev/not-in-service'

/**
 * Reason why no code can give this label, in plain words. Undefined if a code can. The rules are those of
 * apimachinery's validation package.
 */
export const labelProblem = (key: string, value: string): string | undefined => {
  if (oneOf(kubeletLabels, key)) return `the kubelet sets ${key} itself`
  if (oneOf(controlPlaneLabels, key)) return `kubeadm sets ${key} itself, only on control planes`
  if (key === joiningLabel) return `Joinery itself makes the kubelet set ${key}, and removes it later`
  return keyProblem('label', key) ?? valueProblem('label', value)
}

/** Reason why no code can give this taint, in plain words. Undefined if a code can. */
export const taintProblem = ({ key, value, effect }: { key: string; value: string; effect: string }) => {
  if (key.startsWith(controlPlaneTaints))
    return `the taints of ${controlPlaneTaints} belong to the control plane, which removes them`
  if (key === startupTaintKey) return `Joinery itself sets ${key}, if the code has a gate: --ready-when GATE`
  const problem = keyProblem('taint', key) ?? valueProblem('taint', value)
  if (problem !== undefined || oneOf(taintEffects, effect)) return problem
  return `the effect is ${taintEffects.slice(0, -1).join(', ')} or ${taintEffects.at(-1)}`
}

/** The labels and taints of a Node that go over to the Node that takes its place: all that a code can give a worker. */
export const carriedOver = ({
  labels,
  taints
}: {
  labels: Labels
  taints: Taints
}): { labels: Labels; taints: Taints } => ({
  labels: Object.fromEntries(Object.entries(labels).filter(([key, value]) => labelProblem(key, value) === undefined)),
  taints: taints.filter((taint) => taintProblem(taint) === undefined)
})

/** The first taint that has the key and effect of an earlier one. A Node can have only one of the two. */
export const repeatedTaint = (taints: readonly Taint[]): Taint | undefined =>
  taints.find((taint, index) => taints.slice(0, index).some((before) => isSameTaint(before, taint)))

/** True if both taints have the same key and effect. A Node cannot have both, whatever their values. */
export const isSameTaint = (one: Slot, other: Slot): boolean => one.key === other.key && one.effect === other.effect

interface Slot {
  key: string
  effect: string
}

/** The taint as kubectl writes it: `KEY=VALUE:EFFECT`, or `KEY:EFFECT`. */
export const formatTaint = ({ key, value, effect }: Taint): string => `${key}${value && `=${value}`}:${effect}`

/** The labels as kubectl writes them: `KEY=VALUE`, sorted. */
export const formatLabels = (labels: Labels): string[] =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()

const part = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const partRule = 'at most 63 letters, digits, -, _ and ., with a letter or digit at both ends'

const keyProblem = (what: string, key: string): string | undefined => {
  const parts = key.split('/')
  const name = parts.pop() ?? ''
  const [prefix] = parts
  const form = `the key of a ${what} is NAME or PREFIX/NAME`
  if (parts.length > 1) return `${form}, with one /`
  if (!part.test(name)) return `${form}; NAME is ${partRule}`
  if (prefix === undefined || (prefix.length <= 253 && subdomain.test(prefix))) return undefined
  return `${form}; PREFIX is a DNS name in lower case, like example.org`
}

const valueProblem = (what: string, value: string): string | undefined =>
  value === '' || part.test(value) ? undefined : `the value of a ${what} is empty, or ${partRule}`

/** True if the text is a key that a label or a taint may have. Conditions of a Node are called so as well. */
export const isLabelKey = (text: string): boolean => keyProblem('label', text) === undefined

/** True if a label may have the text as its value. */
export const isLabelValue = (text: string): boolean => valueProblem('label', text) === undefined

const oneOf = (list: readonly string[], text: string): boolean => list.includes(text)
