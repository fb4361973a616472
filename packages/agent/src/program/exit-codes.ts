import { commonCodes } from '@joinery/host/command-end'

/** docs/reference/exit-codes.md has an example of each. */
export const exitCodes = { ...commonCodes, checkFails: 3 } as const
