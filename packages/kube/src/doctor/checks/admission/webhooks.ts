import { doorGroup } from '../../../door/index.ts'
import type { ClusterSight, Webhook } from '../../sight.ts'
import { type ClusterCheck, comment, type Finding, listed, pass, wrong } from '../check.ts'
import { objectsOfJoinery } from './objects-of-joinery.ts'

/** Check for webhooks of others that are asked about Joinery's objects. */
export const webhooks: ClusterCheck = {
  name: 'webhooks',
  why: 'such a webhook sees each decision about a machine, and may change it; while it is away nothing is decided, and with store: cluster nothing is committed',
  run: async (sight: ClusterSight) => judgeWebhooks(await sight.webhooks())
}

export const judgeWebhooks = (all: readonly Webhook[]): Finding => {
  const ours = all
    .map((webhook) => ({ ...webhook, asked: objectsOfJoinery(webhook) }))
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
