export { kubernetesDecisions } from '../cluster/kubernetes/door/decisions.ts'
export type {
  DecisionObject,
  DecisionsWorld,
  LateAnswer,
  RehearsalDecisions
} from '../cluster/rehearsal/door/decisions.ts'
export { DecisionReader } from '../kubernetes-door/decisions/decision-reader.ts'
export { Decisions, type SeenDecision } from '../kubernetes-door/decisions/decisions.ts'
export { hashOf } from '../kubernetes-door/hash-of.ts'
export { NotSetUp } from '../kubernetes-door/not-set-up.ts'
export { ViewWriter } from '../kubernetes-door/view-writer.ts'
export { type ShownView, type ViewKind, type Views, viewKinds } from '../kubernetes-door/views.ts'
