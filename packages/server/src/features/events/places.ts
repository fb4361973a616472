import type { Random } from '../../core/base/random.ts'

/**
 * Places of the changes of this process, by which a reader goes on after a cut. Of each enrolment the last change is kept, of at most
 * `most` of them.
 */
export class Places {
  /** Another process has other places. */
  readonly #process: string
  readonly #most: number
  /** Number of the last change of each enrolment, in their order. */
  readonly #changes = new Map<string, number>()
  #last = 0
  /** Number of the last change that was forgotten. */
  #forgotten = 0

  constructor(random: Random, most: number) {
    this.#process = Buffer.from(random.bytes(8)).toString('hex')
    this.#most = most
  }

  /** Place of the last change. */
  get last(): string {
    return `${this.#process}.${this.#last}`
  }

  note(id: string): void {
    this.#last += 1
    this.#changes.delete(id)
    this.#changes.set(id, this.#last)
    const [oldest] = this.#changes
    if (this.#changes.size <= this.#most || oldest === undefined) return
    this.#changes.delete(oldest[0])
    this.#forgotten = oldest[1]
  }

  /** Ids of the enrolments that changed after that place, in the order of their last changes. Undefined if that is not known. */
  after(place: string): string[] | undefined {
    const [of, number = ''] = place.split('.')
    if (of !== this.#process || !/^\d{1,15}$/.test(number)) return undefined
    const from = Number(number)
    if (from < this.#forgotten || from > this.#last) return undefined
    return [...this.#changes].flatMap(([id, at]) => (at > from ? [id] : []))
  }
}
