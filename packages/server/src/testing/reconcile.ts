export { Pacemaker } from '../core/reconcile/pacemaker.ts'
export { Reconciler } from '../core/reconcile/reconciler.ts'
export { Resolve } from '../core/reconcile/serving-certificates.ts'
export { Diagnoses } from '../features/diagnosis/diagnoses.ts'
