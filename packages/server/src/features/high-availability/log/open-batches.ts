import { type BatchSpec, type NewDocument, packBatch } from '../../../core/ports/log/format.ts'

interface OpenBatch {
  batch: BatchSpec
  /** The documents of it of which no later batch has newer content. */
  documents: readonly NewDocument[]
  /** Names of those that were not written yet. */
  left: Set<string>
}

/**
 * The batches that the head holds. Each name stands there once, with its newest content: an older batch is packed anew without it, in the
 * very head that has the newer one. So nothing in the head can bring back what was deleted, and a batch whose documents are all written is
 * empty. It keeps its place until those before it leave too, since the batches of a head follow one another.
 */
export class OpenBatches {
  #open: readonly OpenBatch[] = []

  get size(): number {
    return this.#open.length
  }

  /** True if all documents of all batches are written. */
  get areWritten(): boolean {
    return this.#open.every(({ left }) => left.size === 0)
  }

  /** The batches that the next head must hold before its own, which has these documents. */
  before(documents: readonly NewDocument[]): readonly BatchSpec[] {
    const names = namesOf(documents)
    const open = this.#open.map((one) => ({ ...without(one, names), before: one.documents }))
    const first = open.findIndex(({ left }) => left.size > 0)
    if (first < 0) return []
    return open.slice(first).map(({ batch, documents, left, before }) => {
      if (left.size === 0) return { ...batch, text: empty }
      return documents.length === before.length ? batch : { ...batch, text: packBatch(documents, '') }
    })
  }

  /** Takes over what the head holds now, of which the newest batch has these documents. */
  moved(batches: readonly BatchSpec[], documents: readonly NewDocument[]): void {
    const names = namesOf(documents)
    const before = new Map(this.#open.map((one) => [one.batch.number, one]))
    this.#open = batches.map((batch) => {
      const known = before.get(batch.number)
      return known === undefined ? { batch, documents, left: names } : { ...without(known, names), batch }
    })
  }

  /** Takes over a head that another process left. `isWaiting`: the newest content of that name is not written. */
  takeOver(
    open: readonly { batch: BatchSpec; documents: readonly NewDocument[] }[],
    isWaiting: (name: string) => boolean
  ): void {
    for (const { batch, documents } of open) this.moved([...this.before(documents), batch], documents)
    this.#open = this.#open.map((one) => ({ ...one, left: new Set([...one.left].filter(isWaiting)) }))
  }

  /** Takes note that the document is written as the batch with this number, or an older one, has it. */
  written(name: string, number: number): void {
    for (const { batch, left } of this.#open) if (batch.number <= number) left.delete(name)
  }
}

/** Text of a batch of which nothing is needed any more. */
const empty = packBatch([], '')

const namesOf = (documents: readonly NewDocument[]): Set<string> => new Set(documents.map(({ name }) => name))

/** The batch as far as it is needed once a later one has these names. */
const without = ({ batch, documents, left }: OpenBatch, names: ReadonlySet<string>): OpenBatch => ({
  batch,
  documents: documents.filter(({ name }) => !names.has(name)),
  left: new Set([...left].filter((name) => !names.has(name)))
})
