import type { Enrolment, Lifetimes } from '@joinery/protocol'
import type { UniqueMachines } from '../../commit/unique-machines.ts'
import { expiry } from '../../enrolment/decision/decision.ts'
import { formerOf } from '../../enrolment/name/whose-name.ts'
import { operatorView } from '../../enrolment/views.ts'
import type { EnrolmentDocument, Store } from '../../ports/store/store.ts'

export interface ViewParts {
  store: Store
  machines: UniqueMachines
  lifetimes: Lifetimes
  /** Reason why the cluster is out of reach, as the reconciler last saw it. */
  trouble: () => string | undefined
  /** Reason why an approved machine waits, if others have to join before it. */
  turnOf: (enrolment: EnrolmentDocument) => string | undefined
}

/** The enrolment as operators read it. `named`: all enrolments of the same name, if they are known. */
export const readView = async (
  { store, machines, lifetimes, trouble, turnOf }: ViewParts,
  enrolment: EnrolmentDocument,
  { named, nameConflict }: { named?: EnrolmentDocument[]; nameConflict?: string | undefined } = {}
): Promise<Enrolment> => {
  const expires = expiry(enrolment, lifetimes)
  const former = formerOf(enrolment, named ?? (await store.enrolmentsByName(enrolment.name)))
  const turn = turnOf(enrolment)
  return operatorView(await machines.withCheck(enrolment), { nameConflict, former, expires, trouble: trouble(), turn })
}
