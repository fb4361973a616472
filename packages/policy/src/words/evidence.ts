import { type Code, type Enrolment, serverCheck } from '@joinery/protocol'
import { limits } from './limits.ts'
import type { Evidence } from './variables.ts'

/** The parts of an enrolment that a policy judges, as `joinery show -o json` has them. */
export type Judged = Pick<
  Enrolment,
  | 'id'
  | 'name'
  | 'role'
  | 'code'
  | 'key'
  | 'address'
  | 'facts'
  | 'preflight'
  | 'conflicts'
  | 'nameConflict'
  | 'former'
  | 'labels'
  | 'withoutAgent'
  | 'pruned'
> & {
  /** The evidence that was approved before. It says no more here than that it was. */
  approved?: object | undefined
}

/** The parts of a code that a policy reads. */
export type JudgedCode = Pick<Code, 'id' | 'name' | 'role' | 'from' | 'proof'>

/** The evidence is larger than a machine may send, so no rule gets to see it. */
export class EvidenceTooLarge extends Error {}

/** Values of the variables for an enrolment. Throws `EvidenceTooLarge`. */
export const evidenceOf = (enrolment: Judged, code: JudgedCode | undefined, now: Date): Evidence => {
  const { facts, preflight, conflicts, labels = {} } = enrolment
  const named = (verdict: string): string[] =>
    preflight.filter((check) => check.verdict === verdict && check.name !== serverCheck).map(({ name }) => name)
  const { hostname, machineId, productUuid, serial, macs, addresses } = facts
  const { os, kernel, arch, cpus, memory, kubelet, kubeadm, runtime } = facts
  return bounded({
    machine: {
      ...{ serial, productUuid, machineId, macs, addresses, hostname, os, kernel, arch, cpus, memory },
      ...{ kubelet, kubeadm, runtime },
      failing: named('fail'),
      warning: named('warn')
    },
    seen: {
      address: enrolment.address,
      key: enrolment.key,
      nameFree: enrolment.nameConflict === undefined,
      conflicts: conflicts.length,
      unique: preflight.every(
        ({ name, verdict }) => name !== serverCheck || verdict === 'pass' || verdict === 'skipped'
      )
    },
    code: {
      id: enrolment.code,
      labels,
      ...(code !== undefined && { name: code.name ?? '', role: code.role, from: code.from ?? [] })
    },
    role: enrolment.role,
    name: enrolment.name,
    now: now.toISOString()
  })
}

const bounded = <T>(value: T): T => {
  if (typeof value === 'string' && value.length > limits.text) {
    throw new EvidenceTooLarge(`a text of the machine has more than ${limits.text} characters`)
  }
  if (typeof value !== 'object' || value === null) return value
  const items: unknown[] = Object.values(value)
  if (items.length > limits.items)
    throw new EvidenceTooLarge(`a list of the machine has more than ${limits.items} items`)
  for (const item of [...items, ...(Array.isArray(value) ? [] : Object.keys(value))]) bounded(item)
  return value
}
