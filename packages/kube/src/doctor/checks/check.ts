import type { Verdict } from '@joinery/protocol'
import { escapeText } from '@joinery/protocol'
import { type Change, commandOf } from '../change.ts'
import type { ClusterSight } from '../sight.ts'

/** One thing that the doctor looks at. `run` reads, and leaves the verdict to a pure function beside it. */
export interface ClusterCheck {
  /** Stable: scripts know a check by it. */
  name: string
  /** Why it matters, in a sentence. */
  why: string
  run(sight: ClusterSight, now: Date): Promise<Finding>
}

export interface Finding {
  verdict: Verdict
  finding: string
  /** Lines for an administrator's shell, in their order: each is one command, or `# words` where there is none. */
  remedy: string[]
  /** What `joinery cluster harden` does about it; `remedy` has a line for each. */
  changes: Change[]
}

export const pass = (finding: string): Finding => ({ verdict: 'pass', finding, remedy: [], changes: [] })

/** `reason`: why it was not looked at. */
export const skipped = (reason: string): Finding => ({ verdict: 'skipped', finding: reason, remedy: [], changes: [] })

/** Left to a person. */
export const wrong = (verdict: 'warn' | 'fail', finding: string, ...remedy: string[]): Finding => ({
  verdict,
  finding,
  remedy,
  changes: []
})

/** Mended by these changes. */
export const mendable = (verdict: 'warn' | 'fail', finding: string, changes: Change[]): Finding => ({
  verdict,
  finding,
  remedy: [...new Set(changes.map(commandOf))],
  changes
})

/** A line of words, whatever is in them: names of objects may hold anything. */
export const comment = (words: string): string => `# ${escapeText(words)}`

/** `some`, and how many more there are than a person reads. */
export const listed = (some: readonly string[], most = 5): string =>
  some.length <= most ? some.join('; ') : `${some.slice(0, most).join('; ')}; and ${some.length - most} more`
