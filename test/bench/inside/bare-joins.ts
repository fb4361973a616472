import { apiClient } from '@joinery/testing/cluster/world/api-client'
import { readKubeconfig } from '../../contract/kubeconfig.ts'
import { createBareToken } from './bare-token.ts'
import { inLanes } from './enrol-on.ts'
import { newFacts } from './enrol-request.ts'
import { joinAsKubelet, newKubelet } from './kubelet.ts'
import { offer } from './offer.ts'

/** Machines as people join them without Joinery: a token each, and the approver of the controller manager. */
const calls = {
  /** `kubeconfig`: of an administrator. */
  join: async (machines: number, lanes: number, kubeconfig: string, group: string): Promise<void> => {
    const { access, identity } = await readKubeconfig(kubeconfig)
    const admin = apiClient(access, identity)
    const facts = Array.from({ length: machines }, newFacts)
    await inLanes(facts, lanes, async (facts) => {
      const { token } = await createBareToken(admin, group)
      await joinAsKubelet(access, token, await newKubelet(facts.hostname, facts))
    })
    await admin.close()
  }
}
export type BareJoinsCalls = typeof calls

offer(calls)
