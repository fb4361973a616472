import { type Facts, isNodeName, type State } from '@joinery/protocol'
import type { ClusterNode } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { approvedFacts } from '../facts/shown.ts'

/** Values that tell one machine from another, from an enrolment or from a Node. */
export interface Machine {
  /** Id of the enrolment, or uid of the Node. */
  id: string
  /** The node name that it has, or waits for. */
  name: string
  /** The enrolment of the machine. Absent for a Node. */
  enrolment?: { state: State; created: string }
  values: Value[]
}

/**
 * One thing that no two machines share, such as `machine id` and its value. `later`: the machine did not say it when it was
 * approved.
 */
export interface Value {
  kind: 'machine id' | 'product UUID' | 'MAC address' | 'host name'
  text: string
  later?: true
}

/** The machine as others are compared with it: the one that was approved, whatever it says later. */
export const machineToOthers = (enrolment: EnrolmentDocument): Machine =>
  machineWith(enrolment, valuesOf(approvedFacts(enrolment)))

/** The machine as it is judged itself: by what it says now. */
export const machineItself = (enrolment: EnrolmentDocument): Machine => {
  const approved = new Set(valuesOf(approvedFacts(enrolment)).map(nameOfValue))
  const present = valuesOf(enrolment.facts)
  return machineWith(
    enrolment,
    present.map((value) => (approved.has(nameOfValue(value)) ? value : { ...value, later: true }))
  )
}

/** Kind and text of a value. */
export const nameOfValue = ({ kind, text }: Value): string => `${kind} ${text}`

const machineWith = ({ id, name, state, created }: EnrolmentDocument, values: Value[]): Machine => ({
  id,
  name,
  enrolment: { state, created },
  values
})

const valuesOf = (facts: Facts): Value[] => [
  ...machineId(facts.machineId),
  ...productUuid(facts.productUuid),
  ...[...new Set(facts.macs)].flatMap(macAddress),
  ...hostName(facts.hostname)
]

/**
 * The machine behind a Node. If the machine shows no DMI, the kubelet gives its machine id as system UUID. A Node says nothing
 * of its network cards.
 */
export const machineOfNode = ({ uid, name, machineId: id, systemUuid }: ClusterNode): Machine => ({
  id: uid,
  name,
  values: [...machineId(id), ...productUuid(systemUuid), ...hostName(name)]
})

const machineId = (text: string): Value[] =>
  /^[0-9a-f]{32}$/.test(text) && !isUniform(text) ? [{ kind: 'machine id', text }] : []

const productUuid = (given: string): Value[] => {
  const text = given.toLowerCase()
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
  return isUuid && !isUniform(text) && !vendorUuids.includes(text) ? [{ kind: 'product UUID', text }] : []
}

const macAddress = (given: string): Value[] => {
  const text = given.toLowerCase()
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text) && !isUniform(text) ? [{ kind: 'MAC address', text }] : []
}

const hostName = (text: string): Value[] =>
  isNodeName(text) && !/^localhost(\.|$)/.test(text) ? [{ kind: 'host name', text }] : []

/** True for all zeros or all ones: a machine without such a value shows that. */
const isUniform = (text: string): boolean => /^([0:-]+|[f:-]+)$/.test(text)

/** UUIDs of boards whose maker set none: the example of a firmware's manual, in both byte orders, and counted digits. */
const vendorUuids = [
  '03000200-0400-0500-0006-000700080009',
  '00020003-0004-0005-0006-000700080009',
  '12345678-1234-5678-90ab-cddeefaabbcc',
  '01234567-89ab-cdef-0123-456789abcdef',
  '00112233-4455-6677-8899-aabbccddeeff'
]
