import type { InjectionToken } from 'tsyringe'
import type { CodeDocument } from './documents/code-document.ts'
import type { Placed } from './list-page.ts'

/** CodeSearch finds codes for operators. It throws as the store does. */
export interface CodeSearch {
  /** Codes for exactly this name, or pattern, in order of creation. The cost follows their number. */
  codesByName(name: string): Promise<CodeDocument[]>
  /** Codes whose id ends or begins with this text, at most `limit` of them. */
  codesByShortId(short: string, limit: number): Promise<CodeDocument[]>
  walkCodes(after: number): AsyncIterable<Placed<CodeDocument>>
}
export const CodeSearch = Symbol('CodeSearch') as InjectionToken<CodeSearch>
