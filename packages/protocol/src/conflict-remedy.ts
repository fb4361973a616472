import type { Event, State } from './enrolment.ts'
import { isNodeName } from './words/names.ts'

type Way = (reference: string, name: string) => string

const show: Way = (reference) => `it is let in already; to see its state: joinery show ${reference}`
const approve: Way = (reference) => `joinery approve ${reference}`
const release: Way = (reference) =>
  `joinery release ${reference} --key KEY, with the right key; both keys are in: joinery show ${reference}`
const retry: Way = (reference) => `joinery retry ${reference}`
const reject: Way = (reference) => `joinery reject ${reference} --reason REASON`
const remove: Way = (reference) => `joinery remove ${reference}`
const over: Way = (reference) => `nothing is left to do; to see why it ended: joinery show ${reference}`
/** The way for an enrolment that can never come back: the machine comes with another code. */
const newCode: Way = (_, name) => `it needs a new code: joinery code create${name && ` --name ${name}`}`

const letIn: Record<State, Way> = {
  pending: approve,
  approved: show,
  joining: show,
  joined: show,
  ready: show,
  recovering: approve,
  frozen: release,
  failed: retry,
  expired: retry,
  rejected: newCode,
  removed: newCode
}

const sentAway: Record<State, Way | undefined> = {
  pending: reject,
  approved: reject,
  joining: reject,
  joined: undefined,
  frozen: reject,
  failed: remove,
  expired: remove,
  ready: remove,
  recovering: reject,
  rejected: over,
  removed: over
}

/** The way to what an operator wants by each event, from a state in which that event is not possible. */
const ways: Partial<Record<Event, Record<State, Way | undefined>>> = {
  approve: letIn,
  retry: letIn,
  release: letIn,
  reject: sentAway,
  remove: sentAway
}

/** The remedy if `event` is not possible, the same over each door. Undefined for an event that no operator asks for. */
export const conflictRemedy = (
  event: Event,
  { id, name, state }: { id: string; name: string; state: State }
): string | undefined => {
  const known = isNodeName(name)
  return ways[event]?.[state]?.(known ? name : id, known ? name : '')
}
