import type { KubeadmStage } from './kubeadm-stage.ts'

/** The stage of kubeadm at which a machine is, and the time at which the server heard of it, in milliseconds. */
export interface Mark {
  attempt: number
  stage: KubeadmStage
  at: number
}

/** Most machines whose stage is remembered: more than can join before their attempts are over. */
const rememberedAtMost = 10_000

/**
 * Remembers at which stage of kubeadm each machine is, from one report to the next. After a restart nothing is known: the stage
 * that a machine is in then is not measured.
 */
export class Journeys {
  readonly #marks = new Map<string, Mark>()

  get size(): number {
    return this.#marks.size
  }

  of(id: string): Mark | undefined {
    return this.#marks.get(id)
  }

  note(id: string, mark: Mark): void {
    this.#marks.delete(id)
    this.#marks.set(id, mark)
    const [oldest] = this.#marks.keys()
    if (this.#marks.size > rememberedAtMost && oldest !== undefined) this.#marks.delete(oldest)
  }

  forget(id: string): void {
    this.#marks.delete(id)
  }
}
