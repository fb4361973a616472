import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import type { ChangeRecord, PlannedChange } from './change-record.ts'

/** The tools of a mender. */
export interface MenderParts {
  files: Files
  exec: Exec
  /** Changes that this agent made before. */
  earlier: readonly ChangeRecord[]
  /**
   * Journals the change, then makes it by `act`. If a change fails, it is told, it does not keep others from being
   * made, and the result is false.
   */
  change(planned: Omit<PlannedChange, 'check'> & { check?: string }, act: () => Promise<unknown>): Promise<boolean>
  /** Tells what a person must do, and why. */
  cannot(what: string): void
}

/** Mends one check, as far as it is not right yet. Done again after a power cut at any point, it ends right. */
export type Mender = (parts: MenderParts) => Promise<void>
