import { readFile } from 'node:fs/promises'
import { connect, connectionTo, statusOf } from '@joinery/kube'
import { doorGroup, doorVersion } from '@joinery/kube/door'
import type { DecisionStatus } from '@joinery/protocol/door'
import { type DecisionObject, kubernetesDecisions } from '@joinery/server/testing/kubernetes-door'
import type { OpenDecisions } from './decisions-contract.ts'
import { openRealCluster } from './real-cluster.ts'

const kind = { group: doorGroup, version: doorVersion, plural: 'decisions' }

/** Name that kubeadm gives to the user of admin.conf. */
const administrator = 'kubernetes-admin'

/** Decisions of a real cluster: the server's side by its own kubeconfig, the operators' side by the administrator's. */
export const openRealDecisions = async (adminFile: string, serverFile: string): Promise<OpenDecisions> => {
  const { custom } = connect(await readFile(adminFile, 'utf8'))
  const { world, close } = await openRealCluster(adminFile, serverFile, false)
  return {
    decisions: kubernetesDecisions(connectionTo(serverFile)),
    user: administrator,
    close,
    world: {
      unbindPolicy: world.unbindPolicy,
      create: async (spec) => {
        const apiVersion = `${doorGroup}/${doorVersion}`
        const body = { apiVersion, kind: 'Decision', metadata: { generateName: 'contract-' }, spec }
        return toObject(await custom.createClusterCustomObject({ ...kind, body }))
      },
      read: async (name) => {
        try {
          return toObject(await custom.getClusterCustomObject({ ...kind, name }))
        } catch (error) {
          if (statusOf(error) === 404) return undefined
          throw error
        }
      },
      remove: async (name) => {
        try {
          await custom.deleteClusterCustomObject({ ...kind, name })
        } catch (error) {
          if (statusOf(error) !== 404) throw error
        }
      }
    }
  }
}

interface Given {
  metadata: { name: string; uid: string; resourceVersion: string; creationTimestamp: string }
  spec: unknown
  status?: DecisionStatus
}

const toObject = (given: unknown): DecisionObject => {
  const { metadata, spec, status } = given as Given
  const { name, uid, resourceVersion, creationTimestamp } = metadata
  const created = new Date(creationTimestamp)
  return { name, uid, resourceVersion, created, spec, ...(status !== undefined && { status }) }
}
