import { resolve } from 'node:path'
import type { BentRequest } from '@joinery/testing/requests/bent-request'
import type { Bed } from './bed/bed.ts'
import type { Outcome } from './inside/issue-by-hand.ts'

const program = resolve(import.meta.dirname, 'inside/issue-by-hand.ts')

/** An administrator of the bed's cluster asks for all of these, and approves whatever the API server takes. One outcome for each. */
export const issueByHand = async (bed: Bed, requests: readonly BentRequest[]): Promise<Outcome[]> => {
  const { code, stdout, stderr } = await bed.exec([process.execPath, program], { input: JSON.stringify(requests) })
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Outcome[]
}
