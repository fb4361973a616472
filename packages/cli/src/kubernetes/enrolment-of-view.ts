import type { EnrolmentView } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import type { SeenEnrolmentDetail, SeenRecovery } from '../operator-client.ts'

/**
 * The enrolment as its view shows it. What the view lacks is absent. Of the machine it has only what the machine said: an empty
 * text or zero is nothing said.
 */
export const enrolmentOfView = (id: string, view: EnrolmentView): SeenEnrolmentDetail => {
  const {
    machine,
    preflight,
    conflicts,
    node,
    taints,
    expires,
    nameConflict,
    inService,
    notYet,
    cause,
    policy,
    restored,
    recover,
    recovery,
    keyShort: _,
    ...rest
  } = view
  return {
    id,
    ...rest,
    ...(view.key === '' && { withoutAgent: true }),
    ...given({ taints, expires, nameConflict, inService, notYet, cause, policy, restored, recover }),
    facts: said(machine),
    preflight: [
      ...preflight.fail.map((name) => ({ name, verdict: 'fail' as const })),
      ...preflight.warn.map((name) => ({ name, verdict: 'warn' as const }))
    ],
    ...(conflicts === 0 ? { conflicts: [] } : { conflictCount: conflicts }),
    ...(recovery !== undefined && { recovery: recoveryOf(recovery) }),
    ...(node !== undefined && { node: { uid: node.uid, condition: node.condition } })
  }
}

const recoveryOf = (view: NonNullable<EnrolmentView['recovery']>): SeenRecovery => {
  const { state, why, certificate, notAfter, address, lastSeen, notReadySince, addressBefore, changed } = view
  return {
    state,
    addressBefore,
    changed,
    asked: given({ reason: certificate, notAfter, address }),
    ...given({ why, notReadySince, lastSeen: lastSeen === undefined ? undefined : { notAfter: lastSeen } })
  }
}

const said = (machine: EnrolmentView['machine']): Partial<EnrolmentView['machine']> =>
  Object.fromEntries(Object.entries(machine).filter(([, value]) => value !== '' && value !== 0))
