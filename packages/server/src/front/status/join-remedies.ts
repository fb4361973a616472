import type { JoinCounts } from '@joinery/protocol'

/** Says what to do if machines wait only because the API server has too much to do. */
export const joinRemedies = ({ atMost, joinsAtOnce, waiting }: JoinCounts): string[] =>
  atMost < joinsAtOnce && waiting > 0
    ? [
        `the API server answers 429 or slowly, so ${atMost} instead of ${joinsAtOnce} machines may join at once, and ${waiting} wait: ` +
          'kubectl get --raw /metrics | grep apiserver_flowcontrol_rejected_requests_total'
      ]
    : []
