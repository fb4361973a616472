import { doorGroup } from '../../door/index.ts'
import type { ClusterSight, Webhook } from '../sight.ts'
import { type ClusterCheck, comment, type Finding, listed, pass, wrong } from './check.ts'

/** Check for webhooks of others that are asked about Joinery's objects. */
export const webhooks: ClusterCheck = {
  name: 'webhooks',
  why: 'such a webhook sees each decision about a machine, and no decision is taken while the webhook is away',
  run: async (sight: ClusterSight) => judgeWebhooks(await sight.webhooks())
}

export const judgeWebhooks = (all: readonly Webhook[]): Finding => {
  const ours = all.filter(({ groups }) => groups.includes('*') || groups.includes(doorGroup))
  if (ours.length === 0) return pass(`no webhook is asked about the objects of ${doorGroup}`)
  return wrong(
    'warn',
    listed(
      ours.map(
        ({ configuration, name, isRequired }) =>
          `${configuration}: ${name} is asked about the objects of ${doorGroup}${isRequired ? ', and stops them while it is away' : ''}`
      )
    ),
    ...ours.map(({ configuration, name }) =>
      comment(`leave ${doorGroup} out of the rules of ${name} in ${configuration}, if it has no use for them`)
    )
  )
}
