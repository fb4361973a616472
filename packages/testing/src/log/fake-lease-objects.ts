import type {
  LeaseObjects,
  LeaseSpec,
  Presences,
  SaidPresence,
  SeenLease,
  SeenPresence
} from '@joinery/server/testing/leadership'

/**
 * One Lease as the API server keeps it, for tests: it is compared and swapped by its version, and every write makes a new version. What
 * goes wrong on the way to it is the caller's.
 */
export class FakeLease implements LeaseObjects {
  #seen: SeenLease | undefined
  #version = 0

  /** The Lease as it is now. */
  get now(): SeenLease | undefined {
    return structuredClone(this.#seen)
  }

  /** Changes the Lease by hand, as somebody does who may. Undefined deletes it. */
  edit(change: Partial<LeaseSpec> | undefined): void {
    const before = this.#seen?.spec
    if (change === undefined) this.#seen = undefined
    else if (before !== undefined) this.#put({ ...before, ...change })
  }

  async read(): Promise<SeenLease | undefined> {
    return this.now
  }

  async write(lease: LeaseSpec, version: string | undefined): Promise<SeenLease | 'other'> {
    if (version !== this.#seen?.version) return 'other'
    // as the API server: what changes nothing makes no version
    if (JSON.stringify(lease) !== JSON.stringify(this.#seen?.spec)) this.#put(lease)
    return this.now as SeenLease
  }

  #put(spec: LeaseSpec): void {
    this.#version += 1
    this.#seen = { version: String(this.#version), spec: structuredClone(spec) }
  }
}

/** The Leases of all servers as the API server keeps them, for tests. */
export class FakePresences implements Presences {
  readonly #all = new Map<string, SeenPresence>()
  #version = 0

  async list(): Promise<SeenPresence[]> {
    return [...this.#all.values()]
  }

  async announce(name: string, { address, holder }: LeaseSpec, said: SaidPresence): Promise<void> {
    this.put({ name, address, holder, ...said })
  }

  async remove({ name, version }: Pick<SeenPresence, 'name' | 'version'>): Promise<void> {
    if (this.#all.get(name)?.version === version) this.#all.delete(name)
  }

  /** Writes a Lease with any content. */
  put(presence: Omit<SeenPresence, 'version'>): void {
    this.#version += 1
    this.#all.set(presence.name, { ...presence, version: String(this.#version) })
  }
}
