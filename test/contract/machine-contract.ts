import type { Test } from 'tap'
import { failureContract } from './machine-contract-failures.ts'
import { joinContract } from './machine-contract-join.ts'
import { preflightContract } from './machine-contract-preflight.ts'
import type { OpenMachine } from './machine-fixture.ts'

/**
 * What the port `Machine` promises, for every implementation, a real machine included. Where the rehearsal differs from a
 * real one, the rehearsal is wrong. Two machines side by side: kubeadm takes five minutes to give up.
 */
export const machineContract = (
  t: Test,
  name: string,
  open: (machine: 'good' | 'unlucky') => Promise<OpenMachine>
): Promise<unknown> =>
  t.test(name, { jobs: 2 }, async (t) => {
    const side = (machine: 'good' | 'unlucky', ...contracts: ((t: Test, open: OpenMachine) => Promise<void>)[]) =>
      t.test(`the ${machine} machine`, { buffered: true }, async (t) => {
        const opened = await open(machine)
        t.teardown(() => opened.close())
        for (const contract of contracts) await contract(t, opened)
      })
    await Promise.all([side('good', preflightContract, joinContract), side('unlucky', failureContract)])
  })
