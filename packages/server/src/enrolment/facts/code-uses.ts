import type { CodeDocument } from '../../store/store.ts'

export const usesOf = ({ uses = 1 }: CodeDocument): number => uses

/** The enrolments of the machines that used it, in their order. */
export const enrolmentsOf = ({ users = [], enrolment }: CodeDocument): string[] =>
  enrolment === undefined ? users.map((user) => user.enrolment) : [enrolment]

/** It was used as often as it may be. */
export const isSpent = (code: CodeDocument): boolean => enrolmentsOf(code).length >= usesOf(code)

/**
 * The enrolment that stands behind the code for this key: its own, where the code is for many machines; of a code for one
 * machine the one that used it, whosever it is.
 */
export const enrolmentFor = ({ users = [], enrolment }: CodeDocument, key: string): string | undefined =>
  enrolment ?? users.find((user) => user.key === key)?.enrolment

/** The code once this key has used it. The commit of it is what makes a use single. */
export const withUse = (code: CodeDocument, user: { key: string; enrolment: string }): CodeDocument =>
  usesOf(code) === 1
    ? { ...code, enrolment: user.enrolment }
    : { ...code, users: [...(code.users ?? []), { key: user.key, enrolment: user.enrolment }] }
