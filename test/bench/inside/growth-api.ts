import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { kubeletSigner } from '@joinery/kube/names'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { began, csrUidOf, growth, machineIdOf, nameOf, tokenIdOf, uidOf } from './growth-plan.ts'
import { offer } from './offer.ts'

const time = (at = new Date()): string => at.toISOString().replace(/\.\d+/, '')

/** As long as a Node of a cluster that runs something: images, conditions, what manages which field. */
const nodeObject = (number: number) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: nameOf(number),
    uid: uidOf(number),
    resourceVersion: String(number),
    creationTimestamp: time(new Date(began)),
    labels: Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`example.org/label-${index}`, `value-${index}`])
    ),
    annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    managedFields: Array.from({ length: 4 }, (_, index) => ({
      manager: `manager-${index}`,
      operation: 'Update',
      apiVersion: 'v1',
      time: time(),
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': { 'f:labels': Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`f:x-${at}`, {}])) }
      }
    }))
  },
  spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'], taints: [] },
  status: {
    capacity: { cpu: '8', memory: '32Gi', pods: '110', 'ephemeral-storage': '100Gi' },
    allocatable: { cpu: '8', memory: '31Gi', pods: '110', 'ephemeral-storage': '92Gi' },
    addresses: [
      { type: 'InternalIP', address: `10.0.${number >> 8}.${number & 255}` },
      { type: 'Hostname', address: nameOf(number) }
    ],
    conditions: ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({
      type,
      status: type === 'Ready' ? 'True' : 'False',
      reason: `Kubelet${type}`,
      message: 'kubelet is posting what it has to say of this condition',
      lastHeartbeatTime: time(),
      lastTransitionTime: time(new Date(began))
    })),
    nodeInfo: {
      machineID: machineIdOf(number),
      systemUUID: machineIdOf(number),
      bootID: uidOf(number),
      kernelVersion: '6.12.43+deb13-amd64',
      osImage: 'Debian GNU/Linux 13 (trixie)',
      containerRuntimeVersion: 'containerd://2.4.2',
      kubeletVersion: 'v1.37.2',
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64'
    },
    images: Array.from({ length: 50 }, (_, index) => ({
      names: [
        `registry.example.org/team/image-${index}@sha256:${'0'.repeat(64)}`,
        `registry.example.org/team/image-${index}:v1`
      ],
      sizeBytes: 123_456_789
    }))
  }
})

const csrObject = async (number: number) => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name: `csr-${number}`, uid: csrUidOf(number), creationTimestamp: time() },
  spec: {
    request: Buffer.from((await kubeletRequest(nameOf(number))).request).toString('base64'),
    signerName: kubeletSigner,
    usages: ['digital signature', 'client auth'],
    username: `system:bootstrap:${tokenIdOf(number)}`,
    groups: ['system:bootstrappers', 'system:bootstrappers:joinery:node', 'system:authenticated']
  },
  status: { conditions: [{ type: 'Approved', status: 'True', reason: 'JoineryApproved', message: '' }] }
})

const watchers = new Set<ServerResponse>()

/** An API server that has Nodes and CSRs, page by page, and whose Nodes write their heartbeats. */
const calls = {
  start: async (): Promise<number> => {
    const nodes = Array.from({ length: growth.nodes }, (_, number) => JSON.stringify(nodeObject(number)))
    const csrs: string[] = []
    for (let number = 0; number < growth.csrs; number += 1) csrs.push(JSON.stringify(await csrObject(number)))
    const lists: Record<string, string[]> = {
      '/api/v1/nodes': nodes,
      '/apis/certificates.k8s.io/v1/certificatesigningrequests': csrs
    }
    const server = createServer((request: IncomingMessage, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://api')
      const all = lists[pathname]
      if (all === undefined)
        return void response.writeHead(404, json).end(JSON.stringify({ kind: 'Status', code: 404 }))
      response.writeHead(200, json)
      if (searchParams.get('watch') === 'true') {
        response.flushHeaders()
        if (all === nodes) watchers.add(response.on('close', () => watchers.delete(response)))
        return
      }
      const [from, limit] = [Number(searchParams.get('continue') ?? 0), Number(searchParams.get('limit') ?? all.length)]
      const next = from + limit < all.length ? `,"continue":"${from + limit}"` : ''
      const items = all.slice(from, from + limit).join(',')
      response.end(`{"kind":"List","metadata":{"resourceVersion":"1"${next}},"items":[${items}]}`)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    let beats = 0
    setInterval(() => {
      const object = nodeObject(beats++ % growth.nodes)
      const event = `${JSON.stringify({ type: 'MODIFIED', object })}\n`
      for (const watcher of watchers) watcher.write(event)
    }, 1000 / growth.heartbeats)
    return (server.address() as AddressInfo).port
  }
}
export type GrowthApiCalls = typeof calls

const json = { 'content-type': 'application/json' }

offer(calls)
