import type { StepParts } from './context.ts'

/**
 * Where a power cut made cloud-init write its files again, the mark is in the code file too. A copy that is left is the
 * code of one key that has used it: worth a warning, not a machine that does not join.
 */
export const wipeCopies = ({ codes, log }: Pick<StepParts, 'codes' | 'log'>): Promise<void> =>
  codes.wipeCopies().catch((error: Error) => log.warn(`a copy of the code is left on this machine: ${error.message}`))
