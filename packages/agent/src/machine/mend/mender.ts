import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import type { ChangeRecord, PlannedChange } from './change-record.ts'

/** What a mender works with. */
export interface MenderParts {
  files: Files
  exec: Exec
  /** What was changed before, by this agent. */
  earlier: readonly ChangeRecord[]
  /** Journals the change, then makes it by `act`. One that fails is told and does not keep others from it: false. */
  change(planned: Omit<PlannedChange, 'check'> & { check?: string }, act: () => Promise<unknown>): Promise<boolean>
  /** Tells what is left to a person, and why. */
  cannot(what: string): void
}

/** Mends one check, as far as it is not right yet: done again after a power cut at any point it ends right. */
export type Mender = (parts: MenderParts) => Promise<void>
