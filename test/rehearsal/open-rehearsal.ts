import { randomBytes } from 'node:crypto'
import type { JoinCredential } from '@joinery/agent/testing/machine'
import { RehearsalEtcd, rehearsalMachine } from '@joinery/fake-machine'
import { workerGroup } from '@joinery/kube/names'
import { noFacts, type TokenCredential } from '@joinery/protocol'
import { systemClock } from '@joinery/server/testing/base'
import { eventually } from '@joinery/testing/clocks/eventually'
import { QuickClock } from '@joinery/testing/clocks/quick-clock'
import { fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { kubeletSide } from '@joinery/testing/cluster/kubelet-side'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'

/** A rehearsal cluster without a pairing server, and a rehearsal machine that may join it by this name. */
export const openRehearsal = async (nodeName: string, pace = 1, networkPlugin = false) => {
  const cluster = await fakeCluster(systemClock)
  const clock = new QuickClock()
  const etcd = new RehearsalEtcd()
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
    cluster: await kubeletSide(cluster, networkPlugin),
    etcd,
    clock,
    runDirectory: '/run/joinery-agent',
    pace
  })
  const endpoint = await cluster.endpoint()
  const credential = async (attempt: number): Promise<TokenCredential> => {
    const [id, secret] = [randomBytes(3).toString('hex'), randomBytes(8).toString('hex')]
    const expires = new Date(Date.now() + 600_000)
    await cluster.createToken({ id, secret, group: workerGroup, expires, description: '' })
    return { attempt, nodeName, ...endpoint, token: `${id}.${secret}`, expires: expires.toISOString() }
  }
  const certificate = async (attempt: number): Promise<JoinCredential> => {
    const { request, key } = await kubeletRequest(nodeName)
    const csr = await cluster.createOwnCsr({ name: `joinery-${randomBytes(4).toString('hex')}`, request })
    await cluster.approveCsr(csr)
    const issued = await eventually('it is issued', async () => (await cluster.ownCsr(csr.name))?.certificate)
    await cluster.deleteOwnCsr(csr.name)
    const expires = new Date(Date.now() + 600_000).toISOString()
    return { attempt, nodeName, ...endpoint, certificate: issued, key, expires }
  }
  return {
    cluster,
    etcd,
    clock,
    machine,
    endpoint,
    apiEndpoint: new URL(endpoint.server).host,
    credential,
    certificate
  }
}
