import { randomUUID } from 'node:crypto'
import type { DecisionStatus } from '@joinery/protocol/door'
import type { SeenDecision } from '@joinery/server/testing/kubernetes-door'
import type { Test } from 'tap'
import { askedContract, type OpenAsked } from './asked-contract.ts'

const status = { result: 'refused', code: 'not-found', message: 'of a test', at: '2026-01-01T00:00:00.000Z' } as const

/** What the Decisions of every cluster must do. */
export const decisionsContract = (
  t: Test,
  name: string,
  open: () => Promise<OpenAsked<SeenDecision, DecisionStatus>>
): Promise<void> =>
  askedContract(
    t,
    name,
    {
      kind: 'Decision',
      policy: 'joinery-decisions',
      spec: (by) => ({
        enrolment: randomUUID(),
        role: 'worker',
        verdict: 'remove',
        key: '',
        revision: 1,
        reason: 'because',
        by
      }),
      status,
      otherwise: { ...status, message: 'again' },
      shows: ({ isSettled }, status) => isSettled === (status !== undefined),
      tellsDeleted: false
    },
    open
  )
