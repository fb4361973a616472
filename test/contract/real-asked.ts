import { readFile } from 'node:fs/promises'
import { connect, statusOf } from '@joinery/kube'
import { doorGroup, doorVersion, type Resource } from '@joinery/kube/door'
import { given } from '@joinery/protocol/given'
import type { AskedObject, AskedWorld } from '@joinery/testing/cluster/fake/asked'
import type { OpenAsked } from './asked-contract.ts'
import { openRealCluster } from './real-cluster.ts'

/** Name that kubeadm gives to the user of admin.conf. */
const administrator = 'kubernetes-admin'

export interface RealKind {
  kind: string
  plural: Resource
  /** Metadata of a new object with this spec. */
  metadata(spec: object): object
}

/** The operators' side of such objects in a real cluster, by the administrator's kubeconfig. */
export const openRealAsked = async <Status>(
  adminFile: string,
  serverFile: string,
  { kind, plural, metadata }: RealKind
): Promise<Pick<OpenAsked<never, Status>, 'world' | 'user' | 'close'>> => {
  const { custom } = connect(await readFile(adminFile, 'utf8'))
  const { world, close } = await openRealCluster(adminFile, serverFile, false)
  const of = { group: doorGroup, version: doorVersion, plural }
  const asked: AskedWorld<Status> = {
    create: async (spec) => {
      const body = { apiVersion: `${doorGroup}/${doorVersion}`, kind, metadata: metadata(spec), spec }
      return toObject(await custom.createClusterCustomObject({ ...of, body }))
    },
    read: async (name) => {
      try {
        return toObject(await custom.getClusterCustomObject({ ...of, name }))
      } catch (error) {
        if (statusOf(error) === 404) return undefined
        throw error
      }
    },
    remove: async (name) => {
      try {
        await custom.deleteClusterCustomObject({ ...of, name })
      } catch (error) {
        if (statusOf(error) !== 404) throw error
      }
    }
  }
  return { user: administrator, close, world: { ...asked, unbindPolicy: world.unbindPolicy } }
}

interface Given<Status> {
  metadata: { name: string; uid: string; resourceVersion: string; generation: number; creationTimestamp: string }
  spec: unknown
  status?: Status
}

const toObject = <Status>(object: unknown): AskedObject<Status> => {
  const { metadata, spec, status } = object as Given<Status>
  const { name, uid, resourceVersion, generation, creationTimestamp } = metadata
  return { name, uid, resourceVersion, generation, created: new Date(creationTimestamp), spec, ...given({ status }) }
}
