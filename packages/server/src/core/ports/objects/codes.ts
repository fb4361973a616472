import type { CodeStatusView } from '@joinery/protocol/door'
import type { InjectionToken } from 'tsyringe'
import type { AskedObjects, SeenObject } from './asked-objects.ts'

/** The Codes of the cluster. */
export type Codes = AskedObjects<SeenCode, CodeStatusView>
export const Codes = Symbol('Codes') as InjectionToken<Codes>

/** A Code as the cluster has it. */
export interface SeenCode extends SeenObject {
  /** Its status as the cluster has it. Undefined if it has none. */
  status: unknown
}
