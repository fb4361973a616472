import { commonCodes } from '@joinery/host/command-end'

/** Exit codes of joinery-agent. docs/reference/exit-codes.md has an example of each. */
export const exitCodes = { ...commonCodes, checkFails: 3, notReady: 3, later: 4 } as const
