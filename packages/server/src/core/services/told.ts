import { ProblemError, type Status } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'

/** The part of the status that one feature tells. */
export interface Told {
  rows?: Partial<Pick<Status, 'webhooks' | 'audit' | 'policy'>>
  /** Sentences with commands, for a person. */
  remedies?: readonly string[]
  /** The problem of a feature that cannot read the cluster. */
  unread?: ProblemError | undefined
}

/** Tells what a feature has for the status. */
export type Tell = () => Promise<Told>
export const Tell = Symbol('Tell') as InjectionToken<Tell>

/** The problem with which a check fails, if it does. Any other error is thrown. */
export const problemOf = async (check: () => Promise<void>): Promise<ProblemError | undefined> => {
  try {
    await check()
    return undefined
  } catch (error) {
    if (error instanceof ProblemError) return error
    throw error
  }
}
