import { ProblemError } from '@joinery/protocol'

/** A call of the server that stays on its way to the API server for as long as the test wants. */
export interface HeldUp {
  /** Resolves when the call was sent. */
  readonly sent: Promise<void>
  /**
   * Ends the client's wait. The caller has no answer, and nobody knows whether the API server will carry out the call.
   */
  giveUp(): void
  /** Carries out the call now. The caller gets the answer unless it gave up. Resolves when that is done. */
  arrive(): Promise<void>
}

/**
 * Makes the two functions that hold up calls of these names, and wrap the calls. Each call is carried out when it arrives, even if its
 * client has given up. A call that is held up is overtaken by those that are not.
 */
export const heldUpCalls = <Name extends string>() => {
  const waiting = new Map<Name, (<R>(send: () => Promise<R>) => Promise<R>)[]>()
  const onItsWay =
    <A extends unknown[], R>(name: Name, call: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> => {
      const hold = waiting.get(name)?.shift()
      return hold === undefined ? call(...args) : hold(() => call(...args))
    }
  const holdUp = (name: Name): HeldUp => {
    const sent = Promise.withResolvers<void>()
    const answered = Promise.withResolvers<unknown>()
    let carryOut = async (): Promise<unknown> => undefined
    const hold = <R>(send: () => Promise<R>): Promise<R> => {
      carryOut = send
      sent.resolve()
      return answered.promise as Promise<R>
    }
    waiting.set(name, [...(waiting.get(name) ?? []), hold])
    return {
      sent: sent.promise,
      giveUp: () => answered.reject(new ProblemError('cluster-unavailable', { detail: 'no answer within 10 s' })),
      arrive: async () => {
        await sent.promise
        const done = carryOut()
        answered.resolve(done)
        await done.catch(() => undefined)
      }
    }
  }
  return { onItsWay, holdUp }
}
