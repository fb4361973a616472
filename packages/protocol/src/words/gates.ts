import Type from 'typebox'
import { isLabelKey, isLabelValue, startupTaintKey, type Taint } from './labels-and-taints.ts'
import { isNodeName } from './names.ts'

/** Most gates of one code. */
export const gatesAtMost = 8

/** Characters of the longest gate. */
export const gateLength = 450

/**
 * The gates of a code, each as `readGate` reads it. A Node takes no Pods that do not tolerate `startupTaint` until all of them hold
 * at once.
 */
export const Gates = Type.Array(Type.String({ maxLength: gateLength }), { maxItems: gatesAtMost })

/**
 * The taint with which the kubelet registers a Node whose code has gates. The server takes it away when the gates hold, and no other
 * taint ever.
 */
export const startupTaint = {
  key: startupTaintKey,
  value: '',
  effect: 'NoSchedule'
} as const satisfies Taint

/** True if the taint is the startup taint, whatever its value is. */
export const isStartupTaint = ({ key, effect }: { key: string; effect: string }): boolean =>
  key === startupTaint.key && effect === startupTaint.effect

/** True if Pods that do not tolerate the startup taint keep away from the Node. */
export const hasStartupTaint = ({ taints }: { taints: readonly Taint[] }): boolean => taints.some(isStartupTaint)

/** Something that must be so on a Node before it takes the Pods of others. */
export type Gate =
  /** A condition of the Node that is True. */
  | { kind: 'condition'; type: string }
  /** A Pod of this DaemonSet that is ready on the Node. */
  | { kind: 'daemonset'; namespace: string; name: string }
  /** A Pod with this label that ran to its end on the Node. */
  | { kind: 'pod'; namespace: string; key: string; value: string }

/** Reads a gate. Undefined if the text is none. No two texts are the same gate. */
export const readGate = (text: string): Gate | undefined => {
  const [, kind = '', rest = ''] = /^([a-z]+):(.*)$/.exec(text) ?? []
  return Object.hasOwn(readers, kind) ? readers[kind as Gate['kind']](rest) : undefined
}

/** The reason why the text is no gate, in plain words. Undefined if it is one. */
export const gateProblem = (text: string): string | undefined => {
  if (readGate(text) !== undefined) return undefined
  const [kind = ''] = text.split(':')
  return Object.hasOwn(forms, kind)
    ? `give ${forms[kind as Gate['kind']]}`
    : `a gate is ${Object.values(forms).slice(0, -1).join(', ')}, or ${forms.pod}`
}

/** The first gate that is given twice. Undefined if each is there once. */
export const repeatedGate = (gates: readonly string[]): string | undefined =>
  gates.find((gate, index) => gates.indexOf(gate) < index)

/** True if the gate asks for Pods of the Node, which the server reads only with `diagnosis: on`. */
export const asksForPods = (text: string): boolean => {
  const gate = readGate(text)
  return gate !== undefined && gate.kind !== 'condition'
}

/** The form of each kind, with an example of what an operator writes. */
const forms: Record<Gate['kind'], string> = {
  condition: 'condition:TYPE like condition:example.org/StorageReady',
  daemonset: 'daemonset:NAMESPACE/NAME like daemonset:kube-system/cilium',
  pod: 'pod:NAMESPACE/KEY=VALUE like pod:gpu-operator/app=nvidia-operator-validator'
}

const readers: { [K in Gate['kind']]: (rest: string) => Gate | undefined } = {
  condition: (type) => (isLabelKey(type) ? { kind: 'condition', type } : undefined),
  daemonset: (rest) => {
    const [, namespace = '', name = ''] = /^([^/]*)\/([^/]*)$/.exec(rest) ?? []
    return isNamespace(namespace) && isNodeName(name) ? { kind: 'daemonset', namespace, name } : undefined
  },
  pod: (rest) => {
    const [, namespace = '', key = '', value = ''] = /^([^/]*)\/([^=]*)=([^=]+)$/.exec(rest) ?? []
    const fits = isNamespace(namespace) && isLabelKey(key) && isLabelValue(value)
    return fits ? { kind: 'pod', namespace, key, value } : undefined
  }
}

/** True if the text is an RFC 1123 label, as the names of namespaces are. */
const isNamespace = (text: string): boolean => isNodeName(text) && !text.includes('.')
