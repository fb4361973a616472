import { commonCodes } from '@joinery/host/command-end.ts'

/** docs/reference/exit-codes.md has an example of each. */
export const exitCodes = { ...commonCodes, checkFails: 3 } as const
