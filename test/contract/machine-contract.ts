import type { Test } from 'tap'
import { certificateContract } from './machine-contract-certificate.ts'
import { failureContract, refusalContract } from './machine-contract-failures.ts'
import { joinContract } from './machine-contract-join.ts'
import { killedContract } from './machine-contract-killed.ts'
import { preflightContract } from './machine-contract-preflight.ts'
import type { OpenMachine } from './machine-fixture.ts'

/** What becomes of it; the name that it joins by. */
export type Fate = 'good' | 'unlucky' | 'killed' | 'refused'

/**
 * What the machine's four ports promise, for every implementation, a real machine included. Where the rehearsal differs from a
 * real one, the rehearsal is wrong. Three machines side by side, that which takes longest first.
 */
export const machineContract = (t: Test, name: string, open: (fate: Fate) => Promise<OpenMachine>): Promise<unknown> =>
  t.test(name, { jobs: 3 }, async (t) => {
    const machine = (fate: Fate, ...contracts: ((t: Test, open: OpenMachine) => Promise<void>)[]) =>
      t.test(`the ${fate} machine keeps the contract`, { buffered: true }, async (t) => {
        const opened = await open(fate)
        t.teardown(() => opened.close())
        for (const contract of contracts) await contract(t, opened)
      })
    await Promise.all([
      machine('killed', killedContract),
      machine('refused', refusalContract),
      machine('unlucky', failureContract, certificateContract),
      machine('good', preflightContract, joinContract)
    ])
  })
