import type { InjectionToken } from 'tsyringe'
import type { Decided } from './change.ts'
import type { CodeDocument } from './documents/code-document.ts'

/** ObjectsAsked reads what became of the Codes and Decisions of the cluster. It throws as the store does. */
export interface ObjectsAsked {
  /** Codes that end when their Code goes: they have one, the server did not clear it, and nobody revoked them. */
  codesOfObjects(): Promise<CodeDocument[]>
  /** Results of those of the Decisions with these uids that are settled. */
  decided(uids: readonly string[]): Promise<Decided[]>
}
export const ObjectsAsked = Symbol('ObjectsAsked') as InjectionToken<ObjectsAsked>
