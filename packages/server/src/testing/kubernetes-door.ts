export { kubernetesDecisions } from '../cluster/kubernetes/door/decisions.ts'
export type {
  DecisionObject,
  DecisionsWorld,
  LateAnswer,
  RehearsalDecisions
} from '../cluster/rehearsal/door/decisions.ts'
export { DecisionReader } from '../kubernetes-door/decisions/decision-reader.ts'
export { Decisions, NotSetUp, type SeenDecision } from '../kubernetes-door/decisions/decisions.ts'
