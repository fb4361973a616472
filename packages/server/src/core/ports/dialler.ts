import type { InjectionToken } from 'tsyringe'
import type { EnrolmentDocument } from './store/documents/enrolment-document.ts'

/**
 * Result of one dial:
 * - open: the peer that listens there knows the nonce
 * - refused: the connection was refused
 * - no-answer: nothing came, or not what the nonce asks for
 */
export type Dialled = 'open' | 'refused' | 'no-answer'

/** Result of a knock: somebody listens there, the machine refuses, or nothing came. */
export type Knocked = 'open' | 'refused' | 'no-answer'

/** Connects to a machine and asks it for the answer to a challenge that nobody has seen before. Never rejects. */
export interface Dialler {
  dial(address: string, port: number, nonce: string): Promise<Dialled>
  /** Connects, says nothing, and closes. Whoever listens there is not known. */
  knock(address: string, port: number): Promise<Knocked>
}
export const Dialler = Symbol('Dialler') as InjectionToken<Dialler>

/** Knocks at the kubelet of a machine. Undefined if that would say nothing of the machine. Never rejects. */
export interface Knocker {
  knock(
    enrolment: Pick<EnrolmentDocument, 'id' | 'code' | 'address' | 'facts'>
  ): Promise<{ address: string; answer: Knocked } | undefined>
}
export const Knocker = Symbol('Knocker') as InjectionToken<Knocker>
