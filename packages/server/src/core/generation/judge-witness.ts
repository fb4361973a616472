import { day } from '@joinery/protocol'
import { clocksDiffer } from '../base/clock.ts'
import type { Witness } from './seal-witness.ts'

/**
 * True if a machine was told more than this store knows. `present`: the enrolment here. One that is not here says something for a day
 * alone: an enrolment that has ended has no new witness, and may be forgotten after a day.
 */
export const knowsMore = ({ revision, at }: Witness, present: { revision: number } | undefined, now: Date): boolean =>
  present === undefined ? now.getTime() - at * 1000 < day : revision > present.revision

/** True if the machine was told that before the store went back as far as the store itself knows: that was settled. */
export const isOfBefore = ({ at }: Witness, setBack: Date | undefined): boolean =>
  setBack !== undefined && at * 1000 < setBack.getTime() + clocksDiffer
