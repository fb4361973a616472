import type { Connection, LiveConnection } from '@joinery/kube'
import { namespace } from '@joinery/kube/names'
import { given } from '@joinery/protocol/given'
import { type Presences, presencePrefix, type SeenPresence } from '../../../leadership/presences.ts'
import { kubernetesLease, seenLease } from './kubernetes-lease.ts'
import { callFor, isAbsent } from './outcome.ts'

/** Leases in one list. There is one for each server of an installation, and few in the namespace beside them. */
const listed = 100

/** The Leases by which servers know of each other, in a real cluster. */
export const kubernetesPresences = (live: Pick<LiveConnection, 'connection'>): Presences => {
  const call = <T>(work: (api: Connection) => Promise<T>): Promise<T> => callFor(live.connection, work)
  return {
    list: () => call(list),
    announce: async (name, lease) => {
      const objects = kubernetesLease(live, name)
      // whoever else writes it is this server as it was before it started again
      if ((await objects.write(lease, (await objects.read())?.version)) !== 'other') return
      await objects.write(lease, (await objects.read())?.version)
    },
    remove: (presence) => call((api) => remove(api, presence))
  }
}

const list = async ({ coordination }: Connection): Promise<SeenPresence[]> => {
  const { items } = await coordination.listNamespacedLease({ namespace, limit: listed })
  return items.flatMap((lease) => {
    const { version, spec } = seenLease(lease)
    const name = lease.metadata?.name ?? ''
    return name.startsWith(presencePrefix) ? [{ name, version, address: spec.address }] : []
  })
}

const remove = async (
  { coordination }: Connection,
  { name, version }: Pick<SeenPresence, 'name' | 'version'>
): Promise<void> => {
  const [uid, resourceVersion] = version.split('/')
  try {
    await coordination.deleteNamespacedLease({
      name,
      namespace,
      body: { preconditions: given({ uid, resourceVersion }) }
    })
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
}
