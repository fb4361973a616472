import { type LiveConnection, statusOf } from '@joinery/kube'
import { namespace } from '@joinery/kube/names'
import { given } from '@joinery/protocol/given'
import { type Presences, presencePrefix, type SeenPresence } from '../../../core/leadership/presences.ts'
import { NotDone } from '../../../core/ports/log/log-objects.ts'
import { kubernetesLease, seenLease } from './kubernetes-lease.ts'
import { callFor, isAbsent } from './outcome.ts'

/** Leases of the namespace that are read at most. Only setup's administrators can make others there. */
const leasesAtMost = 250

/** The Leases by which servers know of each other, in a real cluster. */
export const kubernetesPresences = (cluster: Pick<LiveConnection, 'connection'>): Presences => ({
  list: () =>
    callFor(cluster.connection, async ({ coordination }) => {
      const { items } = await coordination.listNamespacedLease({ namespace, limit: leasesAtMost })
      return items.map(presenceOf).filter(({ name }) => name.startsWith(presencePrefix))
    }),
  announce: async (name, lease, { mac, authority, lost }) => {
    const said = given({ [macAnnotation]: mac, [authorityAnnotation]: authority, [lostAnnotation]: lost })
    const own = kubernetesLease(cluster, name, said)
    const before = await own.read()
    if ((await own.write(lease, before?.version)) === 'other') {
      throw new NotDone(`somebody else writes the Lease ${namespace}/${name}`)
    }
  },
  remove: ({ name, version }) =>
    callFor(cluster.connection, async ({ coordination }) => {
      const [uid = '', resourceVersion = ''] = version.split('/')
      try {
        await coordination.deleteNamespacedLease({ name, namespace, body: { preconditions: { uid, resourceVersion } } })
      } catch (error) {
        if (!isAbsent(error) && statusOf(error) !== 409) throw error
      }
    })
})

const presenceOf = (lease: Parameters<typeof seenLease>[0]): SeenPresence => {
  const { version, spec } = seenLease(lease)
  const annotations = lease.metadata?.annotations ?? {}
  const { [lostAnnotation]: lost, [macAnnotation]: mac, [authorityAnnotation]: authority } = annotations
  return {
    name: lease.metadata?.name ?? '',
    version,
    address: spec.address,
    holder: spec.holder,
    ...given({ mac, authority, lost })
  }
}

/** Annotation of a server's Lease by which it proves that it has the keys of the installation. */
const macAnnotation = 'joinery.dev/mac'

/** Annotation of a server's Lease with its word on its CA. */
const authorityAnnotation = 'joinery.dev/authority'

/** Annotation of a server's Lease by which it says what only it has of the log. */
const lostAnnotation = 'joinery.dev/lost-branch'
