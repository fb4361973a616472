import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { askFor } from '../cluster-door.ts'
import { count, type StartAttack } from './attack.ts'
import { pace } from './pace.ts'

const wanted = 600
const rate = 200

/** Certificate requests with the token of an open attempt, all for the name that it is for: 200 a second, then they stay. */
export const csrs: StartAttack = ({ token, nodeName, cluster }, tally, stop) => {
  let asked = 0
  pace(rate, stop, (due) => {
    for (let left = Math.min(due, wanted - asked); left > 0; left -= 1) {
      asked += 1
      void kubeletRequest(nodeName)
        .then(({ request }) => askFor(cluster, { token, request, wait: false }))
        .then(
          () => count(tally, 'asked'),
          () => count(tally, 'refused')
        )
    }
  })
  return { stands: Promise.resolve() }
}
