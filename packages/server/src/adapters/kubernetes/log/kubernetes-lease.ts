import type { Connection, LiveConnection } from '@joinery/kube'
import { addressAnnotation } from '@joinery/kube/log'
import { namespace, serverLease } from '@joinery/kube/names'
import { given } from '@joinery/protocol/given'
import { type V1Lease, V1MicroTime } from '@kubernetes/client-node'
import type { LeaseObjects, LeaseSpec, SeenLease } from '../../../core/leadership/lease-objects.ts'
import { callFor, fieldManager, isAbsent, isTaken } from './outcome.ts'

/** A server's Lease in a real cluster: the one that says which server is active, unless `name` is another. `more`: further annotations. */
export const kubernetesLease = (
  { connection }: Pick<LiveConnection, 'connection'>,
  name: string = serverLease,
  more: Readonly<Record<string, string>> = {}
): LeaseObjects => {
  const call = <T>(work: (api: Connection) => Promise<T>): Promise<T> => callFor(connection, work)
  return {
    read: () => call((api) => read(api, name)),
    write: (lease, version) => call((api) => write(api, leaseObject(name, lease, version, more), version === undefined))
  }
}

const read = async ({ coordination }: Connection, name: string): Promise<SeenLease | undefined> => {
  try {
    return seenLease(await coordination.readNamespacedLease({ name, namespace }))
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

const write = async ({ coordination }: Connection, body: V1Lease, isNew: boolean): Promise<SeenLease | 'other'> => {
  const { name = '' } = body.metadata ?? {}
  try {
    return seenLease(
      isNew
        ? await coordination.createNamespacedLease({ namespace, fieldManager, body })
        : await coordination.replaceNamespacedLease({ name, namespace, fieldManager, body })
    )
  } catch (error) {
    if (isTaken(error) || (!isNew && isAbsent(error))) return 'other'
    throw error
  }
}

const leaseObject = (
  name: string,
  { holder, term, renewed, acquired, seconds, address }: LeaseSpec,
  version: string | undefined,
  more: Readonly<Record<string, string>>
): V1Lease => {
  const [uid, resourceVersion] = version?.split('/') ?? []
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace,
      annotations: { ...more, [addressAnnotation]: address },
      ...given({ uid, resourceVersion })
    },
    spec: {
      holderIdentity: holder,
      leaseTransitions: term,
      leaseDurationSeconds: seconds,
      renewTime: new V1MicroTime(renewed),
      acquireTime: new V1MicroTime(acquired)
    }
  }
}

/**
 * The Lease as the port gives it. Somebody may have written it by hand, so each field may be absent. The uid is part of the version: a put
 * of a Lease that is gone would make it again, with the resourceVersion alone (AllowCreateOnUpdate of leases, v1.37.2).
 */
export const seenLease = ({ metadata, spec }: V1Lease): SeenLease => ({
  version: `${metadata?.uid ?? ''}/${metadata?.resourceVersion ?? ''}`,
  spec: {
    holder: spec?.holderIdentity ?? '',
    term: spec?.leaseTransitions ?? 0,
    renewed: timeOf(spec?.renewTime),
    acquired: timeOf(spec?.acquireTime),
    seconds: spec?.leaseDurationSeconds ?? 0,
    address: metadata?.annotations?.[addressAnnotation] ?? ''
  }
})

const timeOf = (time: Date | undefined): string => new Date(time ?? 0).toISOString()
