import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { eventually, otherProcess } from '@joinery/testing/clocks/eventually'
import { refusal } from '@joinery/testing/cluster/cluster-fixture'
import { type ApiAccess, type ApiRequest, apiClient } from '@joinery/testing/cluster/world/api-client'
import { clusterByApi } from '@joinery/testing/cluster/world/cluster-by-api'
import type { ClusterWorld } from '@joinery/testing/cluster/world/cluster-world'
import { Agent } from 'undici'
import { readKubeconfig } from '../contract/kubeconfig.ts'
import type { Bed } from './bed/bed.ts'

const relay = resolve(import.meta.dirname, 'inside/api-relay.ts')
const usual = 'any'
/** Sockets of the relays of a bed, by the address that they call from. */
const relays = new WeakMap<Bed, Map<string, Promise<string>>>()

const startRelay = async (bed: Bed, from: string): Promise<string> => {
  const socket = `/run/joinery/api-${from}.sock`
  await bed.spawn('api-relay', [process.execPath, relay, socket, ...(from === usual ? [] : [from])])
  const socketPath = bed.hostPath(socket)
  await eventually('the relay to listen', () => existsSync(socketPath), otherProcess)
  return socketPath
}

/** The bed's API server, for a process outside of the bed. `from`: the address of the bed that the calls come from. */
const accessTo = async (bed: Bed, server: ApiAccess, from = usual): Promise<ApiAccess> => {
  const known = relays.get(bed) ?? new Map<string, Promise<string>>()
  relays.set(bed, known)
  const started = known.get(from) ?? startRelay(bed, from)
  known.set(from, started)
  const socketPath = await started
  return { ...server, carrier: (tls) => new Agent({ connect: { ...tls, socketPath } }) }
}

/** Kubelets and others who call the bed's API server. `from`: an address of the bed, another one than the machines' and the server's. */
export const worldOf = async (bed: Bed, from?: string): Promise<ClusterWorld> => {
  const { access, identity } = await readKubeconfig(bed.hostPath('/etc/kubernetes/admin.conf'))
  const noOutage = async (): Promise<void> => {
    throw new Error('the way to the API server is not cut here')
  }
  return clusterByApi(await accessTo(bed, access, from), identity, { goDown: noOutage, comeBack: noOutage })
}

export interface ApiObject {
  apiVersion: string
  kind: string
  metadata: { name?: string; namespace?: string }
}

/** Requests at the bed's API server, each by a user of its own. The empty name is who may do everything. */
export interface ApiDesk {
  /** Rejects if the API server refuses. */
  ask<T>(user: string, request: ApiRequest): Promise<T>
  /** The words in which the API server refuses; empty if it does what is asked. */
  refusal(user: string, request: ApiRequest): Promise<string>
  /** Replaces what is there of the same name, whatever version it has, or that part of it. */
  replace(user: string, object: ApiObject, part?: string): Promise<string>
  /** Makes a ClusterRole of this name, and binds it to the user. */
  grant(user: string, rules: readonly object[]): Promise<void>
  /** Binds a ClusterRole that is there. */
  bind(user: string, role: string): Promise<void>
  /** Waits until the API server lets the user do this. A binding that was made takes its authorizer a moment. */
  until(user: string, verb: string, group: string, resource: string): Promise<void>
  may(user: string, verb: string, group: string, resource: string): Promise<boolean>
}

const rbac = 'rbac.authorization.k8s.io'

export const apiDesk = async (bed: Bed): Promise<ApiDesk> => {
  const { access, identity } = await readKubeconfig(bed.hostPath('/etc/kubernetes/super-admin.conf'))
  const client = apiClient(await accessTo(bed, access), identity)
  const ask: ApiDesk['ask'] = (user, request) =>
    client.send({ ...request, ...(user !== '' && { headers: { 'impersonate-user': user } }) })
  const refused: ApiDesk['refusal'] = async (user, request) => (await refusal(() => ask(user, request)))?.message ?? ''
  const may: ApiDesk['may'] = async (user, verb, group, resource) => {
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb, group, resource } }
    }
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
    const { status } = await ask<{ status: { allowed: boolean } }>(user, { method: 'POST', path, body: review })
    return status.allowed
  }
  const bind: ApiDesk['bind'] = async (user, role) => {
    await ask(
      '',
      making({
        apiVersion: `${rbac}/v1`,
        kind: 'ClusterRoleBinding',
        metadata: { name: `${role}-${user}` },
        roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
        subjects: [{ apiGroup: rbac, kind: 'User', name: user }]
      })
    )
  }
  return {
    ask,
    refusal: refused,
    may,
    bind,
    replace: async (user, object, part = '') => {
      const path = pathOf(object)
      const { metadata } = await ask<{ metadata: { resourceVersion: string } }>('', { method: 'GET', path })
      const { resourceVersion } = metadata
      const body = { ...object, metadata: { ...object.metadata, resourceVersion } }
      return refused(user, { method: 'PUT', path: `${path}${part}`, body })
    },
    grant: async (user, rules) => {
      await ask('', making({ apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: user }, rules }))
      await bind(user, user)
    },
    until: async (...asked) => {
      await eventually(asked.join(' '), () => may(...asked))
    }
  }
}

/** Path of all objects of this kind, where this one is. */
const placeOf = ({ apiVersion, kind, metadata: { namespace } }: ApiObject): string => {
  const root = apiVersion.includes('/') ? '/apis' : '/api'
  const plural = `${kind.toLowerCase().replace(/y$/, 'ie')}s`
  return `${root}/${apiVersion}/${namespace === undefined ? '' : `namespaces/${namespace}/`}${plural}`
}

export const pathOf = (object: ApiObject): string => `${placeOf(object)}/${object.metadata.name}`

/** Makes the object. */
export const making = (object: ApiObject & Record<string, unknown>): ApiRequest => ({
  method: 'POST',
  path: placeOf(object),
  body: object
})

/** The same, and what is let through makes nothing. */
export const tryingToMake = (object: ApiObject & Record<string, unknown>): ApiRequest => ({
  ...making(object),
  path: `${placeOf(object)}?dryRun=All`
})

export const merging = (path: string, body: object): ApiRequest => ({
  method: 'PATCH',
  path,
  body,
  type: 'application/merge-patch+json'
})

export const patching = (path: string, ...body: object[]): ApiRequest => ({
  method: 'PATCH',
  path,
  body,
  type: 'application/json-patch+json'
})

/** `kubectl apply`, with the force that takes each field over. */
export const applying = (path: string, body: object): ApiRequest => ({
  method: 'PATCH',
  path: `${path}?fieldManager=anybody&force=true`,
  body,
  type: 'application/apply-patch+yaml'
})

export const deleting = (path: string): ApiRequest => ({ method: 'DELETE', path })
