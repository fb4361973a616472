import { refusalOf, statusOf } from '@joinery/kube'
import { banList, banListPolicy, namespace, renewalPolicy, serviceAccount } from '@joinery/kube/names'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import type { Probe } from './probe.ts'

/**
 * Probes of the policy for the ban list. Without the list nobody is banned. If the list is missing, the policy refuses
 * nothing, so that shows as a gap.
 */
export const banListProbes: Probe[] = [
  {
    what: 'a ban list that cannot be changed',
    refusedBy: banListPolicy,
    ask: async ({ core }) => {
      try {
        return await refusalOf(() =>
          core.patchNamespacedConfigMap(
            { namespace, name: banList, body: { immutable: true }, dryRun: 'All' },
            setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
          )
        )
      } catch (error) {
        if (statusOf(error) !== 404) throw error
        return `the ConfigMap ${banList} is missing`
      }
    }
  }
]

const tooLong = 8 * 24 * 3600

/**
 * Probes of the policy for the server's own token. They name a Pod that does not exist, which the API server looks for
 * after the policies (TokenREST.Create of v1.37.2). So no token is made, whatever the answer.
 */
export const renewalProbes: Probe[] = [
  {
    what: 'a token of the own account for longer than a week',
    refusedBy: renewalPolicy,
    ask: async ({ core }) => {
      const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'joinery-dry-run' }
      const body = { spec: { audiences: [], expirationSeconds: tooLong, boundObjectRef } }
      try {
        return await refusalOf(() =>
          core.createNamespacedServiceAccountToken({ namespace, name: serviceAccount, body, dryRun: 'All' })
        )
      } catch (error) {
        if (statusOf(error) !== 404) throw error
        return undefined
      }
    }
  }
]
