import { randomBytes } from 'node:crypto'
import { rehearsalMachine } from '@joinery/agent/machine/rehearsal/rehearsal-machine.ts'
import type { Credential } from '@joinery/protocol'
import { systemClock } from '@joinery/server/clock.ts'
import { workerGroup } from '@joinery/server/cluster/cluster.ts'
import { rehearsalCluster } from '@joinery/server/cluster/rehearsal/rehearsal-cluster.ts'
import { systemRandom } from '@joinery/server/random.ts'
import { kubeletSide } from '../../demo/kubelet-side.ts'
import { noFacts } from '../no-facts.ts'
import { QuickClock } from './quick-clock.ts'

/** A rehearsal cluster without a pairing server, and a rehearsal machine that may join it by this name. */
export const openRehearsal = async (nodeName: string, pace = 1) => {
  const cluster = await rehearsalCluster(systemClock, systemRandom)
  const clock = new QuickClock()
  const machine = await rehearsalMachine({
    facts: {
      ...noFacts,
      hostname: nodeName,
      machineId: randomBytes(16).toString('hex'),
      os: 'Debian GNU/Linux 13 (trixie)',
      kubelet: 'v1.37.2',
      kubeadm: 'v1.37.2',
      runtime: 'containerd 2.4.2'
    },
    cluster: await kubeletSide(cluster, false),
    clock,
    runDirectory: '/run/joinery-agent',
    pace
  })
  const endpoint = await cluster.endpoint()
  const credential = async (attempt: number): Promise<Credential> => {
    const [id, secret] = [randomBytes(3).toString('hex'), randomBytes(8).toString('hex')]
    const expires = new Date(Date.now() + 600_000)
    await cluster.createToken({ id, secret, group: workerGroup, expires, description: '' })
    return { attempt, nodeName, ...endpoint, token: `${id}.${secret}`, expires: expires.toISOString() }
  }
  return { cluster, clock, machine, apiEndpoint: new URL(endpoint.server).host, credential }
}
