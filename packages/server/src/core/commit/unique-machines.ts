import { type Check, type Facts, isLive, isOnItsWay, statesThat } from '@joinery/protocol'
import {
  type Borrowed,
  judgeBorrowed,
  judgeUnique,
  type OthersWith,
  uniqueMachine
} from '../enrolment/unique/judge-unique.ts'
import {
  type Machine,
  machineItself,
  machineOfNode,
  machineToOthers,
  nameOfValue,
  type Value
} from '../enrolment/unique/machine.ts'
import type { ClusterNode } from '../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import type { Store } from '../ports/store/store.ts'

interface Parts {
  store: Pick<Store, 'enrolments'>
  /** Nodes of the cluster as they were seen last. Undefined if they were not seen yet. */
  nodes: () => readonly ClusterNode[] | undefined
}

/**
 * Knows which machines share an identity, even among 5,000, without reading them each time. Enrolments are read once, and
 * `note` keeps them up to date. The Nodes are indexed again if they were seen again.
 */
export class UniqueMachines {
  readonly #parts: Parts
  readonly #enrolments = new MachineIndex()
  #loaded: Promise<void> | undefined
  /** Ids of enrolments that changed while the others were read: what was read of these may be old. */
  #noted: Set<string> | undefined
  #nodes: { seen: readonly ClusterNode[] | undefined; index: MachineIndex } = {
    seen: undefined,
    index: new MachineIndex()
  }

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get knowsNodes(): boolean {
    return this.#parts.nodes() !== undefined
  }

  /** Takes over an enrolment as it was committed. */
  note(enrolment: EnrolmentDocument): void {
    this.#noted?.add(enrolment.id)
    this.#take(enrolment)
  }

  /**
   * The server's own check of the machine. Undefined if the check does not matter any more, or nothing is known of the machine.
   */
  async check(
    enrolment: EnrolmentDocument,
    nodes: readonly ClusterNode[] | undefined = this.#parts.nodes()
  ): Promise<Check | undefined> {
    // afterwards the machine is the Node
    if (!isOnItsWay(enrolment) || enrolment.withoutAgent) return undefined
    await this.load()
    const machine = machineItself(enrolment)
    const check = judgeUnique(machine, this.#othersWith(machine, nodes), enrolment.terms.policy)
    if (nodes !== undefined || check.verdict !== 'pass') return check
    return { name: uniqueMachine, verdict: 'skipped', finding: 'the Nodes of the cluster are not known yet' }
  }

  /** Reads all live enrolments. Once that is done, `borrowed` knows them all. */
  load(): Promise<void> {
    this.#loaded ??= this.#load()
    return this.#loaded
  }

  /** Identities of others that the machine took on after its approval, with these facts. */
  borrowed(enrolment: EnrolmentDocument, facts: Facts): Borrowed[] {
    const machine = machineItself({ ...enrolment, facts })
    return judgeBorrowed(machine, this.#othersWith(machine, this.#parts.nodes()), enrolment.terms.policy)
  }

  #othersWith(machine: Machine, nodes: readonly ClusterNode[] | undefined): OthersWith {
    const [enrolments, byNodes] = [this.#enrolments, this.#nodeIndex(nodes)]
    return function* (value) {
      yield* byNodes.withValue(value, machine)
      yield* enrolments.withValue(value, machine)
    }
  }

  /** The enrolment with the server's check added to the checks of the machine itself. */
  async withCheck(enrolment: EnrolmentDocument): Promise<EnrolmentDocument> {
    const check = await this.check(enrolment)
    // a machine has no word in this
    const own = enrolment.preflight.filter(({ name }) => name !== uniqueMachine)
    return { ...enrolment, preflight: check === undefined ? own : [...own, check] }
  }

  async #load(): Promise<void> {
    const noted = new Set<string>()
    this.#noted = noted
    try {
      for (const enrolment of await this.#parts.store.enrolments(statesThat(isLive))) {
        if (!noted.has(enrolment.id)) this.#take(enrolment)
      }
    } catch (error) {
      this.#loaded = undefined
      throw error
    } finally {
      this.#noted = undefined
    }
  }

  /** Indexes an enrolment. One that has ended, or whose Node was deleted, is taken out: it stands in nobody's way. */
  #take(enrolment: EnrolmentDocument): void {
    const present = isLive(enrolment) && enrolment.node?.condition !== 'Gone'
    if (present) this.#enrolments.put(machineToOthers(enrolment))
    else this.#enrolments.remove(enrolment.id)
  }

  #nodeIndex(seen: readonly ClusterNode[] | undefined): MachineIndex {
    if (seen !== this.#nodes.seen) this.#nodes = { seen, index: new MachineIndex((seen ?? []).map(machineOfNode)) }
    return this.#nodes.index
  }
}

/** Machines by each thing that none of them should share. */
class MachineIndex {
  readonly #machines = new Map<string, Machine>()
  readonly #byValue = new Map<string, Set<string>>()

  constructor(machines: Iterable<Machine> = []) {
    for (const machine of machines) this.put(machine)
  }

  /** Replaces what was known of this machine before. */
  put(machine: Machine): void {
    this.remove(machine.id)
    this.#machines.set(machine.id, machine)
    for (const value of machine.values) {
      const key = nameOfValue(value)
      const ids = this.#byValue.get(key)
      if (ids === undefined) this.#byValue.set(key, new Set([machine.id]))
      else ids.add(machine.id)
    }
  }

  remove(id: string): void {
    for (const value of this.#machines.get(id)?.values ?? []) {
      const ids = this.#byValue.get(nameOfValue(value))
      ids?.delete(id)
      if (ids?.size === 0) this.#byValue.delete(nameOfValue(value))
    }
    this.#machines.delete(id)
  }

  /** Other machines that have this value too. Lazy: of ten thousand copies of one image the first few say enough. */
  *withValue(value: Value, than: Machine): Iterable<Machine> {
    for (const id of this.#byValue.get(nameOfValue(value)) ?? []) {
      const machine = this.#machines.get(id)
      if (machine !== undefined && id !== than.id) yield machine
    }
  }
}
