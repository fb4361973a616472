import type { CodeDocument } from '../../store/store.ts'

/**
 * True if the approval policy may rest on the code, since whoever made it may approve. Root made a code without a Code. A Code says so,
 * and the cluster asks who makes it for the right. One of before says nothing, and counts as none.
 */
export const isProof = ({ proof, object }: Pick<CodeDocument, 'proof' | 'object'>): boolean =>
  proof ?? object === undefined
