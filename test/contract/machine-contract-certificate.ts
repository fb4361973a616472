import { stages } from '@joinery/agent/testing/journal'
import type { Test } from 'tap'
import { joinToEnd, type OpenMachine } from './machine-fixture.ts'

/** A join by a client certificate in place of a token: nobody has to approve anything. */
export const certificateContract = async (t: Test, open: OpenMachine): Promise<void> => {
  const { machine } = open

  await t.test('a join by a client certificate succeeds by itself, and leaves no credential', async (t) => {
    const credential = await open.certificate(1)
    await machine.joining.startJoin(credential)
    const joined = await joinToEnd(open)
    t.match(joined, { unit: 'succeeded', bootstrapConf: false, kubeletConf: true, certificate: { serial: String } })
    t.match(stages(joined.output).at(-1), /^This node has joined the cluster/)
    t.notMatch(joined.output.join('\n'), /PRIVATE KEY|client-key-data/, 'no secret in the output')
  })
}
