import { ProblemError } from '@joinery/protocol'
import type { Cluster } from '../cluster.ts'

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
  | 'ban'
  | 'unban'
  | 'noteGeneration'

/**
 * Wraps the port so that calls can be held up on their way to the API server. Each call is carried out when it arrives,
 * even if its client has given up. A call that is held up is overtaken by those that are not.
 */
export const withHeldUpCalls = <P extends Cluster>(port: P): P & { holdUp(call: HeldUpCall): HeldUp } => {
  const waiting = new Map<HeldUpCall, ((send: () => Promise<void>) => Promise<void>)[]>()
  const onItsWay =
    <A extends unknown[]>(name: HeldUpCall, call: (...args: A) => Promise<void>) =>
    (...args: A): Promise<void> => {
      const hold = waiting.get(name)?.shift()
      return hold === undefined ? call(...args) : hold(() => call(...args))
    }
  return {
    ...port,
    createToken: onItsWay('createToken', port.createToken),
    deleteToken: onItsWay('deleteToken', port.deleteToken),
    approveCsr: onItsWay('approveCsr', port.approveCsr),
    denyCsr: onItsWay('denyCsr', port.denyCsr),
    deleteOwnCsr: onItsWay('deleteOwnCsr', port.deleteOwnCsr),
    ban: onItsWay('ban', port.ban),
    unban: onItsWay('unban', port.unban),
    noteGeneration: onItsWay('noteGeneration', port.noteGeneration),
    holdUp: (name) => {
      const sent = Promise.withResolvers<void>()
      const answered = Promise.withResolvers<void>()
      let carryOut = async (): Promise<void> => undefined
      const hold = (send: () => Promise<void>): Promise<void> => {
        carryOut = send
        sent.resolve()
        return answered.promise
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
  }
}
