import { refusalOf, statusOf } from '@joinery/kube'
import { banList, banListPolicy, eventsPolicy, namespace, renewalPolicy, serviceAccount } from '@joinery/kube/names'
import { given } from '@joinery/protocol/given'
import { PatchStrategy, setHeaderOptions, V1MicroTime } from '@kubernetes/client-node'
import { eventsNamespace } from '../nodes/node-events.ts'
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

const week = 7 * 24 * 3600

/** A token of the own account. It is for a Pod that does not exist. */
const renewal = (
  what: string,
  spec: { expirationSeconds: number; audiences: string[] },
  refusedBy?: string
): Probe => ({
  what,
  ...given({ refusedBy }),
  ask: async ({ core }) => {
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'joinery-dry-run' }
    const body = { spec: { ...spec, boundObjectRef } }
    try {
      return await refusalOf(() =>
        core.createNamespacedServiceAccountToken({ namespace, name: serviceAccount, body, dryRun: 'All' })
      )
    } catch (error) {
      if (statusOf(error) !== 404) throw error
      return undefined
    }
  }
})

/**
 * Probes of the policy for the server's own token. They name a Pod that does not exist, which the API server looks for
 * after the policies (TokenREST.Create of v1.37.2). So no token is made, whatever the answer.
 */
export const renewalProbes: Probe[] = [
  renewal(
    'a token of the own account for longer than a week',
    { expirationSeconds: week + 1, audiences: [] },
    renewalPolicy
  ),
  renewal(
    'a token of the own account for another audience',
    { expirationSeconds: week, audiences: ['joinery-dry-run'] },
    renewalPolicy
  ),
  renewal('the renewal of the own token', { expirationSeconds: week, audiences: [] })
]

/** Probes of the policy for Events: the server speaks as nobody else. */
export const eventProbes: Probe[] = [
  {
    what: 'an Event in the name of a kubelet',
    refusedBy: eventsPolicy,
    ask: ({ events }) => {
      const body = {
        metadata: { generateName: 'joinery-dry-run-', namespace: eventsNamespace },
        eventTime: new V1MicroTime(),
        reportingController: 'kubelet',
        reportingInstance: 'joinery-dry-run',
        action: 'DryRun',
        reason: 'DryRun',
        type: 'Normal',
        regarding: { apiVersion: 'v1', kind: 'Node', name: 'joinery-dry-run' }
      }
      return refusalOf(() => events.createNamespacedEvent({ namespace: eventsNamespace, body, dryRun: 'All' }))
    }
  }
]
