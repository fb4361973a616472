import type { InjectionToken } from 'tsyringe'

/** The door at which the pairing server knocks when it dials this machine back. */
export interface Door {
  /**
   * Answers on these ports as a machine that knows `nonce`, until the caller calls the function that it returns.
   * Undefined if one of the ports cannot be had, for example because somebody else has it: then nothing is open.
   */
  open(ports: readonly number[], nonce: string): Promise<(() => Promise<void>) | undefined>
}
export const Door = Symbol('Door') as InjectionToken<Door>
