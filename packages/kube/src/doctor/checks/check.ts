import type { Verdict } from '@joinery/protocol'
import { escapeText } from '@joinery/protocol'
import { type Change, commandOf } from '../change.ts'
import type { ClusterSight } from '../sight.ts'

/** One thing that the doctor checks. `run` reads, and leaves the verdict to a pure function beside it. */
export interface ClusterCheck {
  /** Name of the check. It is stable: scripts know a check by it. */
  name: string
  /** Sentence that says why the check matters. */
  why: string
  run(sight: ClusterSight, now: Date): Promise<Finding>
}

export interface Finding {
  verdict: Verdict
  finding: string
  /** Lines for an administrator's shell, in their order. Each is one command, or `# words` if there is none. */
  remedy: string[]
  /** Changes that `joinery cluster harden` makes. `remedy` has a line for each. */
  changes: Change[]
}

export const pass = (finding: string): Finding => ({ verdict: 'pass', finding, remedy: [], changes: [] })

/** Finding of a check that did not run. `reason` says why. */
export const skipped = (reason: string): Finding => ({ verdict: 'skipped', finding: reason, remedy: [], changes: [] })

/** Finding that a person must fix. */
export const wrong = (verdict: 'warn' | 'fail', finding: string, ...remedy: string[]): Finding => ({
  verdict,
  finding,
  remedy,
  changes: []
})

/** Finding that these changes fix. */
export const mendable = (verdict: 'warn' | 'fail', finding: string, changes: Change[]): Finding => ({
  verdict,
  finding,
  remedy: [...new Set(changes.map(commandOf))],
  changes
})

/** A shell comment with these words, whatever is in them: names of objects may hold anything. */
export const comment = (words: string): string => `# ${escapeText(words)}`

/** The first items of `some`, and the number of those that are too many to read. */
export const listed = (some: readonly string[], most = 5): string =>
  some.length <= most ? some.join('; ') : `${some.slice(0, most).join('; ')}; and ${some.length - most} more`
