import { randomBytes } from 'node:crypto'
import type { CodeStatusView } from '@joinery/protocol/door'
import { hashOf, type SeenCode } from '@joinery/server/testing/kubernetes-door'
import type { Test } from 'tap'
import { askedContract, type OpenAsked } from './asked-contract.ts'

const status = { state: 'open', message: 'of a test', used: 0 } as const

/** What the Codes of every cluster must do. */
export const codesContract = (
  t: Test,
  name: string,
  open: () => Promise<OpenAsked<SeenCode, CodeStatusView>>
): Promise<void> =>
  askedContract(
    t,
    name,
    {
      kind: 'Code',
      policy: 'joinery-codes',
      spec: (by) => ({
        hash: randomBytes(32).toString('hex'),
        role: 'worker',
        name: 'worker-{n}',
        uses: 3,
        labels: { rack: '7' },
        expires: new Date(Date.now() + 3_600_000).toISOString(),
        by
      }),
      status,
      otherwise: { state: 'used', used: 3 },
      // the server compares exactly that, and would write for ever what the API server does not give back
      shows: (seen, status) =>
        status === undefined ? seen.status === undefined : hashOf(seen.status) === hashOf(status),
      tellsDeleted: true
    },
    open
  )
