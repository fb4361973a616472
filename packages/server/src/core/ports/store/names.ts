import type { InjectionToken } from 'tsyringe'

/** Names reads which names enrolments and codes have, by what they stand for. It throws as the store does. */
export interface Names {
  /**
   * Names that are taken. An enrolment takes a name that it has or wants, or would again after a retry (not `hasEnded`). An
   * enrolment that ended after a claim still takes its name: somebody may hold a certificate for it, and the next claim would
   * lift its ban. A code that is open at `now` takes the name that it gives.
   */
  takenNames(now: Date): Promise<Set<string>>
  /** True if a code for exactly this name is open at `now`, or was used by an enrolment that has or wants the name. */
  isNamed(name: string, now: Date): Promise<boolean>
  /**
   * Names of enrolments that note a ban (`certificateBanned`), each once. The cost follows their number, however many other
   * enrolments there are.
   */
  namesNotedBanned(): Promise<string[]>
  /** Names that an enrolment has (`holdsName`). The cost follows their number. */
  namesHeld(): Promise<string[]>
}
export const Names = Symbol('Names') as InjectionToken<Names>
