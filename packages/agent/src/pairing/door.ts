import type { InjectionToken } from 'tsyringe'

/** Where the pairing server knocks when it dials this machine back. */
export interface Door {
  /**
   * Answers on these ports as one who knows `nonce`, until the function that it gives is called. Undefined where one of
   * them cannot be had, as when somebody else has it: then nothing is open.
   */
  open(ports: readonly number[], nonce: string): Promise<(() => Promise<void>) | undefined>
}
export const Door = Symbol('Door') as InjectionToken<Door>
