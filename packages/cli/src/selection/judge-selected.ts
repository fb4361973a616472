import { type Event, hasJoined, isAsked, isRecovering } from '@joinery/protocol'
import { isView, type SeenEnrolment } from '../operator-client.ts'
import { isKept } from '../output/next-command.ts'
import { canHappen } from '../session/references.ts'
import { fitsLabels } from './label-selector.ts'
import type { Selection } from './selection-options.ts'

/** Verdict on a machine: it is selected, or not. `leftOut` has the reason why it is not, although it fits. */
export type Selected = 'taken' | 'passed' | { leftOut: string }

export interface Asked {
  event: Event
  /** True if the verb takes control planes only one at a time, by their names. */
  controlPlanesByName?: true
}

/**
 * Judges whether a machine is selected for a verb. It is passed over if it does not fit, or if the verb is not possible. A control
 * plane, and a machine that asks for the way back, is never decided about together with others unless it is selected as that.
 */
export const judgeSelected = (enrolment: SeenEnrolment, selection: Selection, asked: Asked): Selected => {
  if (!fitsFields(enrolment, selection) || !canHappen(asked.event, enrolment)) return 'passed'
  return (
    judgeLabels(enrolment, selection) ??
    judgeRole(enrolment, selection, asked) ??
    judgeWayBack(enrolment, selection, asked) ??
    judgeRestored(enrolment, selection) ??
    'taken'
  )
}

/** True if the machine fits, whatever becomes of it. One whose labels are not known fits no label. */
export const fitsSelection = (enrolment: SeenEnrolment, selection: Selection): boolean =>
  fitsFields(enrolment, selection) && judgeLabels(enrolment, selection) === undefined

const fitsFields = (enrolment: SeenEnrolment, { state, role, code, restored }: Selection): boolean =>
  isAsked(state, enrolment.state) &&
  (role === undefined || enrolment.role === role) &&
  (code === undefined || enrolment.code === code) &&
  (restored === undefined || enrolment.restored !== undefined)

const judgeLabels = (enrolment: SeenEnrolment, { selector }: Selection): Selected | undefined => {
  if (selector === undefined) return undefined
  const { labels } = enrolment
  // the server itself shows no labels if there are none; a view shows that there are none, or has no room for them
  if (labels === undefined && isView(enrolment)) return { leftOut: unknownLabels }
  return fitsLabels(selector, labels ?? {}) ? undefined : 'passed'
}

const judgeRole = (
  enrolment: SeenEnrolment,
  { role }: Selection,
  { controlPlanesByName }: Asked
): Selected | undefined => {
  if (enrolment.role !== 'control-plane') return undefined
  if (controlPlanesByName) return { leftOut: oneByOne }
  return role === enrolment.role ? undefined : { leftOut: asControlPlane }
}

/** A way back is a matter of one machine: it is approved, or let ask again, with others only if its state is selected. */
const judgeWayBack = (enrolment: SeenEnrolment, { state }: Selection, { event }: Asked): Selected | undefined => {
  const isAboutIt = event === 'approve' ? isRecovering(enrolment) : event === 'retry' && hasJoined(enrolment)
  if (!isAboutIt) return undefined
  const waits = event === 'approve' ? enrolment.recovery?.state !== 'approved' : isKept(enrolment)
  if (!waits) return 'passed'
  return state?.includes(enrolment.state) ? undefined : { leftOut: `${wayBack}: --state ${enrolment.state}` }
}

/** A machine whose approval was taken back is approved with others only if it is still what was approved. */
const judgeRestored = ({ name, restored }: SeenEnrolment, selection: Selection): Selected | undefined => {
  if (!selection.restored || restored === undefined || restored.changed.length === 0) return undefined
  const { by, revision, changed } = restored
  const what = `${by} approved revision ${revision}, and since then this changed: ${changed.join(', ')}`
  return { leftOut: `${what}; look at it: joinery approve ${name}` }
}

const unknownLabels = 'Kubernetes does not show its labels; on the host of the pairing server they are known'
const oneByOne = 'a control plane is taken away by its name, one at a time'
const asControlPlane = 'it is a control plane; to select those: --role control-plane'
const wayBack = 'it is about its way back; to select those'
