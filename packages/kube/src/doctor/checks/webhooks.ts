import { doorGroup } from '../../door/index.ts'
import { logGroup } from '../../log/index.ts'
import { namespace } from '../../names.ts'
import type { ClusterSight, Webhook } from '../sight.ts'
import { type ClusterCheck, comment, type Finding, listed, pass, wrong } from './check.ts'

/** Check for webhooks of others that are asked about Joinery's objects. */
export const webhooks: ClusterCheck = {
  name: 'webhooks',
  why: 'such a webhook sees each decision about a machine, and no decision is taken, and with store: cluster nothing is committed, while the webhook is away',
  run: async (sight: ClusterSight) => judgeWebhooks(await sight.webhooks())
}

export const judgeWebhooks = (all: readonly Webhook[]): Finding => {
  const ours = all
    .map((webhook) => ({ ...webhook, asked: askedAbout(webhook) }))
    .filter(({ asked }) => asked.length > 0)
  if (ours.length === 0) return pass(`no webhook is asked about the objects of ${doorGroup}`)
  return wrong(
    'warn',
    listed(
      ours.map(
        ({ configuration, name, isRequired, asked }) =>
          `${configuration}: ${name} is asked about ${asked.join(' and ')}${isRequired ? ', and stops them while it is away' : ''}`
      )
    ),
    ...ours.map(({ configuration, name, asked }) =>
      comment(`leave ${asked.join(' and ')} out of the rules of ${name} in ${configuration}, if it has no use for them`)
    )
  )
}

/** Objects of Joinery that the webhook is asked about, in words. Those of the log and the Leases are in the namespace of Joinery. */
const askedAbout = ({ groups, seesNamespace }: Webhook): string[] => {
  const has = (group: string): boolean => groups.includes('*') || groups.includes(group)
  return [
    ...(has(doorGroup) ? [`the objects of ${doorGroup}`] : []),
    ...(has(logGroup) && seesNamespace ? [`the log of ${logGroup}`] : []),
    ...(has('coordination.k8s.io') && seesNamespace ? [`the Leases of ${namespace}`] : [])
  ]
}
