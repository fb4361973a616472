import type { Answer, Message } from './message.ts'

/** Meets a request on its way. It may carry it out, or not, and answer as it likes. An error breaks the connection. */
export type Meet = (message: Message, carryOut: () => Promise<Answer>) => Promise<Answer>

/** Faults on the way to the API server. Each new one stands before those that are there. */
export class Faults {
  readonly #meets = new Set<Meet>()

  /** Lets `meet` meet every request from now on. Returns the end of that. */
  meet(meet: Meet): () => void {
    this.#meets.add(meet)
    return () => void this.#meets.delete(meet)
  }

  /** True if a fault is in the way. */
  get isAny(): boolean {
    return this.#meets.size > 0
  }

  /** Takes a request past all faults. */
  pass(message: Message, carryOut: () => Promise<Answer>): Promise<Answer> {
    let next = carryOut
    for (const meet of this.#meets) {
      const after = next
      next = () => meet(message, after)
    }
    return next()
  }
}

/** The error of a host where nobody listens. */
export const connectionRefused = (): Error =>
  Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6443'), { code: 'ECONNREFUSED', syscall: 'connect' })

/** The error of a connection that was there, and broke. */
export const connectionBroken = (): Error => Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })
