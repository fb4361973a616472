import { awaitsClaim, type Check, hasClaimed, holdsName, type PreflightPolicy, serverCheck } from '@joinery/protocol'
import { type Machine, nameOfValue, type Value } from './machine.ts'

export const uniqueMachine = serverCheck

/** Finds the other machines that have a value, lazily, Nodes first. */
export type OthersWith = (value: Value) => Iterable<Machine>

/**
 * Judges whether a machine shares its identity with a live enrolment or a Node. A host name alone is only odd: the node name is
 * the server's to give.
 */
export const judgeUnique = (machine: Machine, othersWith: OthersWith, policy: PreflightPolicy | undefined): Check => {
  const shared = sharedBy(machine, othersWith)
  if (shared.length === 0) {
    return {
      name: uniqueMachine,
      verdict: 'pass',
      finding: 'no other machine has its machine id, UUID or MAC addresses'
    }
  }
  const fails = shared.some(({ value }) => value.kind !== 'host name')
  const ignored = fails && policy?.ignore.includes(uniqueMachine) === true
  return {
    name: uniqueMachine,
    verdict: fails && !ignored ? 'fail' : 'warn',
    finding: shared.map(inWords).join('; ').slice(0, 1024),
    why: 'the cluster, network plugins and DHCP tell machines apart by these ids: copies take over addresses, volumes or the Node of each other',
    remedy: remedies(machine, shared),
    ...(ignored && { ignored })
  }
}

/** A value of another machine, which this machine did not claim when it was approved. */
export interface Borrowed {
  value: string
  /** The value and its other owners, in words. */
  finding: string
}

/** Values of others that an approved machine took on later. None, if its code says that uniqueness does not count. */
export const judgeBorrowed = (
  machine: Machine,
  othersWith: OthersWith,
  policy: PreflightPolicy | undefined
): Borrowed[] =>
  policy?.ignore.includes(uniqueMachine)
    ? []
    : sharedBy(machine, othersWith)
        .filter(({ value: { later, kind } }) => later && kind !== 'host name')
        .map((shared) => ({ value: nameOfValue(shared.value), finding: inWords(shared) }))

interface Shared {
  value: Value
  others: Machine[]
}

const sharedBy = (machine: Machine, othersWith: OthersWith): Shared[] =>
  machine.values.flatMap((value) => {
    const others = firstFew(othersWith(value), (other) => counts(machine, value, other) && !isAgain(machine, other))
    return others.length === 0 ? [] : [{ value, others }]
  })

const inWords = ({ value, others }: Shared): string =>
  `${nameOfValue(value)} also belongs to ${others.map(nameOf).join(', ')}`

/** Most machines that are named if many share one value. */
const named = 3

const firstFew = (others: Iterable<Machine>, wanted: (other: Machine) => boolean): Machine[] => {
  const found = new Map<string, Machine>()
  for (const other of others) {
    // a Node and the enrolment that it came from are one machine
    if (!found.has(other.name) && wanted(other)) found.set(other.name, other)
    if (found.size === named) break
  }
  return [...found.values()]
}

/**
 * True if the other machine counts. Before an approval everybody counts: an operator sees both and decides. Afterwards a
 * machine that nobody approved holds up nobody's claim, and of two that were approved the one that enrolled first goes on. A
 * value that a machine claims later must not be that of any approved machine.
 */
const counts = ({ id, enrolment }: Machine, { later }: Value, other: Machine): boolean => {
  if (other.enrolment === undefined || enrolment === undefined || !holdsName(enrolment)) return true
  const { created } = other.enrolment
  if (awaitsClaim(other.enrolment)) {
    return later === true || created < enrolment.created || (created === enrolment.created && other.id < id)
  }
  return hasClaimed(other.enrolment)
}

/**
 * True if both are the same machine: they have the same name, and nothing of their hardware speaks against it. It is the
 * machine's own Node, or a new start.
 */
const isAgain = (one: Machine, other: Machine): boolean => {
  if (one.name !== other.name) return false
  const [uuid, otherUuid] = [textOf(one, 'product UUID'), textOf(other, 'product UUID')]
  if (uuid !== undefined && otherUuid !== undefined) return uuid === otherUuid
  return textOf(one, 'machine id') === textOf(other, 'machine id')
}

const textOf = ({ values }: Machine, kind: Value['kind']): string | undefined =>
  values.find((value) => value.kind === kind)?.text

const nameOf = ({ id, name, enrolment }: Machine): string =>
  enrolment === undefined ? `Node ${name}` : `${name} (${enrolment.state}, enrolment ${id})`

const remedies = ({ name }: Machine, shared: Shared[]): string[] => {
  const shares = (...kinds: Value['kind'][]): boolean => shared.some(({ value }) => kinds.includes(value.kind))
  const others = new Map(shared.flatMap(({ others }) => others).map((other) => [other.id, other]))
  return [
    ...(shares('machine id') ? ['rm /etc/machine-id', 'systemd-machine-id-setup', '# then reboot'] : []),
    ...(shares('product UUID', 'MAC address')
      ? ['# give the virtual machine a UUID and MAC addresses of its own']
      : []),
    ...(shares('machine id', 'product UUID', 'MAC address')
      ? [`# then, on your own machine: joinery code create --name ${name}`]
      : []),
    ...[...others.values()].slice(0, named).map(formerName)
  ].slice(0, 8)
}

const formerName = ({ id, name, enrolment }: Machine): string => {
  const command = enrolment === undefined ? `kubectl delete node ${name}` : `joinery reject ${id}`
  return `# if ${name} is this very machine, under its former name: ${command}`
}
