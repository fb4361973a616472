export { Diagnoses } from '../reconcile/diagnoses.ts'
export { Pacemaker } from '../reconcile/pacemaker.ts'
export { Reconciler } from '../reconcile/reconciler.ts'
export { Resolve } from '../reconcile/serving-certificates.ts'
