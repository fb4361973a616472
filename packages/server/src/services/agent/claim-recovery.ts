import { ProblemError, type RecoveryClaimRequest, type RecoveryCredential } from '@joinery/protocol'
import type { Caller } from './sighting.ts'

/** Gives the certificate of a way back that is approved. */
export const claimRecovery =
  () =>
  async (_: Caller, __: RecoveryClaimRequest): Promise<RecoveryCredential> => {
    throw new ProblemError('recovery-refused')
  }
