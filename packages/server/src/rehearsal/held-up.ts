import { ProblemError } from '@joinery/protocol'
import type { Cluster } from '../core/ports/cluster/cluster.ts'

/** A call of the port that stays on its way to the API server for as long as the test wants. */
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

/** Names of the calls that can be held up. Each changes the cluster. */
export type HeldUpCall =
  | 'createToken'
  | 'deleteToken'
  | 'approveCsr'
  | 'denyCsr'
  | 'deleteOwnCsr'
  | 'removeStartupTaint'
  | 'ban'
  | 'unban'
  | 'noteGeneration'

/**
 * Wraps the port so that calls can be held up on their way to the API server. Each call is carried out when it arrives,
 * even if its client has given up. A call that is held up is overtaken by those that are not.
 */
export const withHeldUpCalls = <P extends Cluster>(port: P): P & { holdUp(call: HeldUpCall): HeldUp } => {
  const { onItsWay, holdUp } = heldUpCalls<HeldUpCall>()
  return {
    ...port,
    createToken: onItsWay('createToken', port.createToken),
    deleteToken: onItsWay('deleteToken', port.deleteToken),
    approveCsr: onItsWay('approveCsr', port.approveCsr),
    denyCsr: onItsWay('denyCsr', port.denyCsr),
    deleteOwnCsr: onItsWay('deleteOwnCsr', port.deleteOwnCsr),
    removeStartupTaint: onItsWay('removeStartupTaint', port.removeStartupTaint),
    ban: onItsWay('ban', port.ban),
    unban: onItsWay('unban', port.unban),
    noteGeneration: onItsWay('noteGeneration', port.noteGeneration),
    holdUp
  }
}

/** Makes the two functions that hold up calls of these names, and wrap the calls. */
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
