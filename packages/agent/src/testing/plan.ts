export type { Situation } from '../plan/plan.ts'
export { type Recovery, recover } from '../plan/recovery.ts'
export type { Step } from '../plan/step.ts'
