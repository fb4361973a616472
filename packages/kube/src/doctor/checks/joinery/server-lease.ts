import type { Manifest } from '../../../apply.ts'
import { leaseTerms, takeAway } from '../../../log/index.ts'
import { serverLease as name, namespace } from '../../../names.ts'
import type { ClusterSight } from '../../sight.ts'
import { type ClusterCheck, comment, type Finding, pass, skipped, wrong } from '../check.ts'

/** Check for a term of the servers' Lease to which nobody counts. */
export const serverLease: ClusterCheck = {
  name: 'server-lease',
  why: 'the term of that Lease only grows, and at its end no pairing server becomes active any more',
  run: async (sight: ClusterSight) =>
    judgeServerLease(
      await sight.object({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } })
    )
}

/** Judges the Lease as it is. Undefined if there is none. */
export const judgeServerLease = (lease: Manifest | undefined): Finding => {
  if (lease === undefined) return skipped('no pairing servers share this cluster')
  const { spec } = lease as { spec?: { leaseTransitions?: number } }
  const term = spec?.leaseTransitions ?? 0
  if (term <= leaseTerms.first) return pass(`the Lease of the pairing servers has term ${term}`)
  return wrong(
    term < leaseTerms.last ? 'warn' : 'fail',
    `the Lease of the pairing servers has term ${term}, to which nobody counts: somebody with a token of the server's account wrote it${term < leaseTerms.last ? '' : ', and no server becomes active any more'}`,
    comment(
      'end every token of that account first: joinery-server setup --renew on one host of a pairing server, joinery-server setup on the others'
    ),
    takeAway('lease', name)
  )
}
