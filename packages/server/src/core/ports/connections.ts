import type { InjectionToken } from 'tsyringe'
import type { EnrolmentDocument } from './store/documents/enrolment-document.ts'

/** Connections of machines that are in. */
export interface Connections {
  readonly size: { known: number; strangers: number }
  /** Hears the state of each enrolment, by its key. */
  note(enrolment: Pick<EnrolmentDocument, 'key' | 'state'>): void
}
export const Connections = Symbol('Connections') as InjectionToken<Connections>

/** Hears of each connection for which there was no place, or that took the place of an older one. */
export interface ConnectionMeter {
  crowdedOut(): void
}
export const ConnectionMeter = Symbol('ConnectionMeter') as InjectionToken<ConnectionMeter>
