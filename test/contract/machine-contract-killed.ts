import { stages } from '@joinery/agent/testing/journal'
import { recover } from '@joinery/agent/testing/plan'
import { stageLines, type WorkerStage } from '@joinery/fake-machine'
import type { Test } from 'tap'
import { noJoin } from './machine-contract-preflight.ts'
import { failsOnly, joinToEnd, type OpenMachine, preflightOf } from './machine-fixture.ts'

/**
 * What lies on the disk when this was the last stage line: true, false, or undefined where kubeadm, or the kubelet that it
 * started, is about to write it (kubeadm v1.37: cmd/phases/join/kubelet.go).
 */
const leftovers: [WorkerStage, bootstrapConf: boolean | undefined, kubeletConf: boolean | undefined][] = [
  ['preflight', false, false],
  ['configuration', undefined, false],
  ['instance-config', true, false],
  ['kubelet-config', true, false],
  ['kubelet-start', true, undefined],
  ['kubelet-check', true, undefined],
  ['kubelet-healthy', true, undefined],
  ['bootstrap', true, undefined]
]

/** The part of the line that is the same on every machine. */
const markOf = (stage: WorkerStage): string => stageLines[stage][0].replace(/ after .*/, ' after ')

/**
 * kubeadm is killed at each of its stage lines. A real one goes a little further before it dies: what it printed last tells
 * what it left, whenever that was.
 */
export const killedContract = async (t: Test, open: OpenMachine): Promise<void> => {
  const { machine, apiEndpoint, nodeName } = open
  await machine.mending.mend(await machine.looking.preflight(preflightOf(apiEndpoint)), 'safe')

  for (const [index, [stage]] of leftovers.entries()) {
    await t.test(
      `kubeadm that is killed at ${stage} leaves the traces of that stage, and the attempt is closed`,
      async (t) => {
        await open.joinAndKill(await open.credential(100 + index), markOf(stage))
        const killed = await joinToEnd(open)
        t.equal(killed.unit, 'failed')
        t.equal(killed.certificate, undefined)

        const last = stages(killed.output).at(-1) ?? ''
        const reached = leftovers.findIndex(([stage]) => last.startsWith(markOf(stage)))
        t.ok(reached >= index, `${last}: not before the line that it was killed at`)
        const [, bootstrapConf, kubeletConf] = leftovers[reached] ?? []
        if (bootstrapConf !== undefined) t.equal(killed.bootstrapConf, bootstrapConf, `bootstrap-kubelet.conf: ${last}`)
        if (kubeletConf !== undefined) t.equal(killed.kubeletConf, kubeletConf, `kubelet.conf: ${last}`)

        const attempt = { number: 1, nodeName, bootId: '' }
        t.same(recover({ attempt, sameBoot: true, join: killed }), { do: 'close' })
        t.match(await machine.looking.explainFailure(killed.output), {
          class: 'transient',
          stage: last,
          cause: 'kubeadm was killed'
        })
        await machine.joining.closeJoin()
        t.match(await machine.looking.joinState(), { unit: 'failed', bootstrapConf: false })

        await machine.joining.reset()
        t.match(await machine.looking.joinState(), { ...noJoin, output: [/./] })
        await t.resolves(failsOnly(open, preflightOf(apiEndpoint)))
      }
    )
  }
}
