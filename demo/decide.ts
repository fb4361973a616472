import { type Enrolment, passes } from '@joinery/protocol'
import type { Part } from './cast.ts'
import type { FaultKind } from './fault.ts'

export type Act = { do: 'approve' | 'repair'; name: string }

/** A newcomer sees a machine wait before the demo approves it; milliseconds. */
const seen = 3000

/** True once a newcomer could see what the fault does. */
const shows: Record<FaultKind, (enrolment: Enrolment) => boolean> = {
  swap: ({ preflight }) => !passes(preflight),
  firewall: ({ cause }) => cause !== undefined
}

/** What the demo does now, for the newcomer and in their place. */
export const decide = (cast: readonly Part[], enrolments: readonly Enrolment[], once: boolean, now: Date): Act[] => {
  const due = ({ created }: Enrolment): boolean => once || now.getTime() - Date.parse(created) >= seen
  return cast.flatMap(({ name, approvedBy, fault }): Act[] => {
    const enrolment = enrolments.find((one) => one.name === name)
    if (enrolment === undefined || !due(enrolment)) return []
    const { state } = enrolment
    return [
      ...(approvedBy === 'demo' && state === 'pending' ? [{ do: 'approve', name } as const] : []),
      ...(fault?.repairedBy === 'demo' && shows[fault.kind](enrolment) ? [{ do: 'repair', name } as const] : [])
    ]
  })
}
