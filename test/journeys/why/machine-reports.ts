import { agentRoutes, type Cause, type CauseCode, type Problem } from '@joinery/protocol'
import { joined } from '@joinery/testing/pairing/joined'
import type { Pairing } from '@joinery/testing/pairing/pairing'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import type { Test } from 'tap'
import { Agent, request } from 'undici'

/** A cause as an agent words it. */
export const claim = (code: CauseCode, more: Partial<Cause> = {}): Cause => ({
  code,
  from: 'machine',
  text: `${code}, as it is here`,
  evidence: [`the log says ${code}`],
  remedy: ['systemctl restart kubelet'],
  ...more
})

/** The machine reports, by its own key. Whatever it sends is sent as it is. */
export const reporting = (t: Test, pairing: Pairing, { identity }: Pick<TestMachine, 'identity'>) => {
  const { key, certificate: cert } = identity
  const dispatcher = new Agent({ connect: { key, cert, rejectUnauthorized: false } })
  t.teardown(() => dispatcher.destroy())
  return async (body: unknown): Promise<{ status: number; problem: Partial<Problem>; retryAfter: string }> => {
    const {
      statusCode,
      headers,
      body: answer
    } = await request(new URL(agentRoutes.reportCauses.path, pairing.url), {
      method: agentRoutes.reportCauses.method,
      dispatcher,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body)
    })
    const problem = (await answer.json()) as Partial<Problem>
    return { status: statusCode, problem, retryAfter: String(headers['retry-after'] ?? '') }
  }
}

/** Words of a kubelet whose runtime has no network plugin. */
export const noPlugin =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized'

/** A machine that joined, whose kubelet waits for the network plugin and renews its Lease. */
export const waiting = async (pairing: Pairing, name: string) => {
  const one = await joined(pairing, name)
  await say(pairing, name, noPlugin)
  await pairing.cluster.renewLease(one)
  return one
}

/** The kubelet says why it is not Ready, and the server looks. */
export const say = async (pairing: Pairing, name: string, message: string): Promise<void> => {
  await pairing.cluster.reportNode(name, {
    kubelet: 'v1.37.2',
    conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message }]
  })
  await pairing.reconcile()
}

/** The network plugin of the cluster, whose Pod on this Node cannot get its image. */
export const pluginWithoutImage = async ({ cluster }: Pairing, node: string): Promise<void> => {
  await cluster.makeDaemonSet('net', {
    hostPaths: ['/etc/cni/net.d'],
    tolerations: [{ key: '', operator: 'Exists', value: '', effect: '' }]
  })
  await cluster.runDaemonPod('net', node, {
    phase: 'Pending',
    ready: false,
    containers: [
      {
        name: 'main',
        image: 'registry.example/net:1',
        ready: false,
        restarts: 0,
        waiting: { reason: 'ImagePullBackOff', message: 'denied: requested access to the resource is denied' }
      }
    ]
  })
}
