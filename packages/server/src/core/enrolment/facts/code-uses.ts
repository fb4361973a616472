import type { CodeDocument } from '../../ports/store/store.ts'

export const usesOf = ({ uses = 1 }: CodeDocument): number => uses

/** Ids of the enrolments of the machines that used the code, in their order. */
export const enrolmentsOf = ({ users = [], enrolment }: CodeDocument): string[] =>
  enrolment === undefined ? users.map((user) => user.enrolment) : [enrolment]

/** True if the code was used as often as it may be. */
export const isSpent = (code: CodeDocument): boolean => enrolmentsOf(code).length >= usesOf(code)

/**
 * Id of the enrolment that stands behind the code for this key. For a code for many machines it is the key's own. For a code
 * for one machine it is the enrolment that used the code, whatever its key.
 */
export const enrolmentFor = ({ users = [], enrolment }: CodeDocument, key: string): string | undefined =>
  enrolment ?? users.find((user) => user.key === key)?.enrolment

/** The code once this key has used it. The commit of this code is what makes a use single. */
export const withUse = (code: CodeDocument, user: { key: string; enrolment: string }): CodeDocument =>
  usesOf(code) === 1
    ? { ...code, enrolment: user.enrolment }
    : { ...code, users: [...(code.users ?? []), { key: user.key, enrolment: user.enrolment }] }

/**
 * True if the approval policy may rest on the code, since whoever made it may approve. Root made a code without a Code. A Code says so,
 * and the cluster asks who makes it for the right. One of before says nothing, and counts as none.
 */
export const isProof = ({ proof, object }: Pick<CodeDocument, 'proof' | 'object'>): boolean =>
  proof ?? object === undefined
