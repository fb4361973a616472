import {
  type HeadSpec,
  type LogObjects,
  NotDone,
  OutcomeUnknown,
  type StoredDocument
} from '@joinery/server/testing/log'
import { type Fate, meet, refused } from './fate.ts'

/** Name of a call of the port. */
export type LogCall = keyof LogObjects

/** All objects, as a backup of etcd has them. */
export interface Snapshot {
  head: HeadSpec | undefined
  documents: ReadonlyMap<string, { version: string; spec: StoredDocument['spec'] }>
}

interface FakeClock {
  sleep(milliseconds: number): Promise<void>
}

/**
 * The objects of the log in memory, with the bad days of a real API server: `fate` decides about each call. What a call does it does
 * at once and alone, as etcd does. Several clients share one world, and the test has hands of its own in it.
 */
export class FakeLogObjects {
  readonly #clock: FakeClock
  #head: HeadSpec | undefined
  #documents = new Map<string, { version: string; spec: StoredDocument['spec'] }>()
  #version = 0
  /** Documents on a page of the list. */
  pageSize = 100
  /** All calls that were carried out, oldest first. */
  readonly done: string[] = []
  /** Hears of each batch and of each document that a server wrote: the number, and the name of a document. */
  heard: (number: number, document?: string) => void = () => {}

  constructor(clock: FakeClock) {
    this.#clock = clock
  }

  /** The port as one server has it. */
  client(fate: (call: LogCall) => Fate = () => ({ is: 'answered' })): LogObjects {
    const call = <T>(name: LogCall, act: () => T): Promise<T> => this.#call(fate(name), name, act)
    return {
      head: () => call('head', () => copy(this.#head)),
      makeHead: (head) =>
        call('makeHead', () => {
          if (this.#head !== undefined) return 'exists'
          this.#head = copy(head)
          return 'made'
        }),
      moveHead: (before, head) =>
        call('moveHead', () => {
          if (this.#head?.hash !== before) return 'other'
          if (head.number < this.#head.number || head.term < this.#head.term) throw new NotDone('it never goes back')
          this.#head = copy(head)
          this.heard(head.number)
          return 'moved'
        }),
      documents: () => this.#pages(fate('documents')),
      writeDocument: ({ name, ...spec }, version) =>
        call('writeDocument', () => {
          if (this.#documents.get(name)?.version !== version) return 'other'
          this.heard(spec.number, name)
          return { version: this.#put(name, spec) }
        }),
      readDocument: (name) => call('readDocument', () => this.document(name)),
      deleteDocument: (name, version) =>
        call('deleteDocument', () => {
          const found = this.#documents.get(name)
          if (found === undefined) return 'gone'
          if (found.version !== version) return 'other'
          this.#documents.delete(name)
          return 'deleted'
        })
    }
  }

  /** The head as it is. */
  get head(): HeadSpec | undefined {
    return copy(this.#head)
  }

  /** The document as it is. */
  document(name: string): StoredDocument | undefined {
    const found = this.#documents.get(name)
    return found && { name, version: found.version, spec: copy(found.spec) }
  }

  get names(): string[] {
    return [...this.#documents.keys()].sort()
  }

  /** Writes an object as an administrator does, whatever it says. */
  edit(name: string, spec: unknown): void {
    this.#put(name, spec as StoredDocument['spec'])
  }

  remove(name: string): void {
    this.#documents.delete(name)
  }

  /** Puts another head in its place, or none. */
  editHead(head: unknown): void {
    this.#head = copy(head as HeadSpec | undefined)
  }

  snapshot(): Snapshot {
    return { head: copy(this.#head), documents: new Map(this.#documents) }
  }

  /** Puts all objects back as they were. Versions go on, as those of etcd do. */
  restore({ head, documents }: Snapshot): void {
    this.#head = copy(head)
    this.#documents = new Map(documents)
  }

  #put(name: string, spec: StoredDocument['spec']): string {
    this.#version += 1
    const version = String(this.#version)
    this.#documents.set(name, { version, spec: copy(spec) })
    return version
  }

  #call<T>(fate: Fate, name: LogCall, act: () => T): Promise<T> {
    return meet(fate, name, this.#clock, () => {
      this.done.push(name)
      return act()
    })
  }

  async *#pages(fate: Fate): AsyncGenerator<readonly StoredDocument[]> {
    if (fate.is === 'refused') throw refused(fate)
    const all = [...this.#documents].map(([name, { version, spec }]) => ({ name, version, spec: copy(spec) }))
    this.done.push('documents')
    for (let at = 0; at < all.length; at += this.pageSize) {
      if (fate.is === 'answered' && fate.there !== undefined) await this.#clock.sleep(fate.there)
      yield all.slice(at, at + this.pageSize)
      if (fate.is !== 'answered') throw new OutcomeUnknown('the list was cut')
    }
  }
}

const copy = <T>(value: T): T => structuredClone(value)
