import type { StepParts } from './context.ts'

/**
 * Wipes the copies of a used code. If a power cut made cloud-init write its files again, the mark is in the code file
 * too. A copy that is left holds a code that one key has used. That is worth a warning, but the machine joins.
 */
export const wipeCopies = ({ codes, log }: Pick<StepParts, 'codes' | 'log'>): Promise<void> =>
  codes.wipeCopies().catch((error: Error) => log.warn(`a copy of the code is left on this machine: ${error.message}`))
