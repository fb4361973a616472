import type { BatchSpec } from '../../../core/ports/log/format.ts'

interface OpenBatch {
  batch: BatchSpec
  /** Names whose document was not written yet with this content, or newer content. */
  left: Set<string>
}

/**
 * The batches that the head holds. A batch may leave the head when all of its documents are written, and when all batches
 * before it may leave too. Otherwise an older batch that stays could bring back what a newer one deleted.
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

  /** The batches that the next head must hold, without its own. */
  get kept(): readonly BatchSpec[] {
    const first = this.#open.findIndex(({ left }) => left.size > 0)
    return first < 0 ? [] : this.#open.slice(first).map(({ batch }) => batch)
  }

  /** Takes over what the head holds now. `names` are those of documents in the newest batch. */
  moved(batches: readonly BatchSpec[], names: Iterable<string>): void {
    const left = new Map(this.#open.map(({ batch, left }) => [batch.number, left]))
    const newest = batches.at(-1)
    this.#open = batches.map((batch) => ({
      batch,
      left: left.get(batch.number) ?? new Set(batch === newest ? names : [])
    }))
  }

  /** Takes over a head that another process left. */
  takeOver(open: readonly { batch: BatchSpec; left: Iterable<string> }[]): void {
    this.#open = open.map(({ batch, left }) => ({ batch, left: new Set(left) }))
  }

  /** Takes note that the document is written as the batch with this number, or an older one, has it. */
  written(name: string, number: number): void {
    for (const { batch, left } of this.#open) if (batch.number <= number) left.delete(name)
  }
}
