import type { Role } from '@joinery/protocol'
import type { Mode, RuleDocument } from './policy-document.ts'

/** A rule that was compiled. Its place in the policy is the number of its expression. */
export interface Rule extends Omit<RuleDocument, 'roles'> {
  readonly roles: readonly Role[]
  /** Variables that the expression uses, such as `machine.serial`. */
  readonly uses: readonly string[]
  /** True if the rule approves, and the claims of a machine alone can make it hold. */
  readonly claimsOnly: boolean
  /** True if the rule approves, and asks about the code. Then it approves only machines whose code is proof. */
  readonly needsProof: boolean
}

/** A policy that was read and compiled. */
export interface Policy {
  readonly mode: Mode
  /** SHA-256 of the file, and of the files of its inventories behind it: `sha256:` and 64 digits. */
  readonly hash: string
  readonly rules: readonly Rule[]
}
