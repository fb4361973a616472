import { type Enrolment, passes } from '@joinery/protocol'
import type { Part } from './cast.ts'

export type Act = { do: 'approve' | 'turn-swap-off'; name: string }

/** A newcomer sees a machine wait before the demo approves it; milliseconds. */
const seen = 3000

/** What the demo does now, for the newcomer and in their place. */
export const decide = (cast: readonly Part[], enrolments: readonly Enrolment[], once: boolean, now: Date): Act[] => {
  const due = ({ created }: Enrolment): boolean => once || now.getTime() - Date.parse(created) >= seen
  return cast.flatMap(({ name, approvedBy, swapTurnedOffBy }): Act[] => {
    const enrolment = enrolments.find((one) => one.name === name)
    if (enrolment === undefined || !due(enrolment)) return []
    const { state, preflight } = enrolment
    return [
      ...(approvedBy === 'demo' && state === 'pending' ? [{ do: 'approve', name } as const] : []),
      ...(swapTurnedOffBy === 'demo' && !passes(preflight) ? [{ do: 'turn-swap-off', name } as const] : [])
    ]
  })
}
