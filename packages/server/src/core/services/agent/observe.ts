import type { ObservationRequest, OwnEnrolment } from '@joinery/protocol'
import { type Caller, readOwnView, requireOwnSealKey, type SeeParts, see } from './sighting.ts'

export type ObserveParts = SeeParts

/** Takes newer facts and preflight of the machine. */
export const observe =
  (parts: ObserveParts) =>
  async (caller: Caller, observation: ObservationRequest): Promise<OwnEnrolment> => {
    await requireOwnSealKey(observation, caller)
    return readOwnView(parts.machines, await see(parts, caller, { observation }))
  }
