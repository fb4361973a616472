import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import type { Mending } from '../port/mending.ts'

/**
 * Mends the machine in this process. The module is loaded late, with its reader of TOML, because the agent has a unit
 * mend instead.
 */
export const mendingInProcess = (files: Files, exec: Exec): Mending => ({
  mend: async (checks, level) => (await import('./mend-checks.ts')).mendChecks(files, exec, checks, level)
})
