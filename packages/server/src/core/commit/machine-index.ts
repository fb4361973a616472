import { type Machine, nameOfValue, type Value } from '../enrolment/unique/machine.ts'

/** Machines by each thing that none of them should share. */
export class MachineIndex {
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
