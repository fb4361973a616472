import { type connectionTo, statusOf } from '@joinery/kube'
import { eventsController } from '@joinery/kube/names'
import { V1MicroTime } from '@kubernetes/client-node'
import type { NodeEvent, NodeEvents } from '../../../core/ports/cluster/node-events.ts'

/** The namespace of Events on objects that have none. */
export const eventsNamespace = 'default'

/** The Events of a real cluster. */
export const kubernetesNodeEvents = ({ call }: Pick<ReturnType<typeof connectionTo>, 'call'>): NodeEvents => ({
  put: ({ id, node, uid, reason, type, note, at }: NodeEvent) =>
    call(async ({ events }) => {
      const body = {
        metadata: { name: id, namespace: eventsNamespace },
        eventTime: new V1MicroTime(at),
        reportingController: eventsController,
        reportingInstance: 'joinery-server',
        action: reason,
        reason,
        type,
        note,
        regarding: { apiVersion: 'v1', kind: 'Node', name: node, uid }
      }
      try {
        await events.createNamespacedEvent({ namespace: eventsNamespace, body })
      } catch (error) {
        if (statusOf(error) !== 409) throw error
      }
    })
})
