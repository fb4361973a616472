import { applyManifest } from '../apply-manifest.ts'
import type { Bed } from '../bed/bed.ts'
import { testImages } from './images.ts'

/** A Pod that serves its own name at port 8080, and has curl. */
export interface ServingPod {
  name: string
  node: string
  address: string
  /** The network of its Node. */
  network: string
}

/** The Pods of a cluster that a test makes and asks. */
export interface Pods {
  server(node: string): Promise<ServingPod>
  /** Makes a Service of this one Pod, which each machine has at a port of its own as well. */
  service(pod: ServingPod): Promise<{ name: string; address: string; nodePort: number }>
  /** The body that a Pod gets from there. Rejects if it gets none. */
  get(from: ServingPod, url: string, ...options: string[]): Promise<string>
}

/**
 * A connection that began before kube-proxy knew the Service never gets there, since the kernel decides with its first packet: each try is a
 * connection of its own.
 */
export const curl = [
  'curl',
  '--silent',
  '--show-error',
  '--connect-timeout',
  '3',
  '--retry',
  '20',
  '--retry-all-errors',
  '--retry-delay',
  '1'
]

export const podsOf = (bed: Bed): Pods => {
  const field = (kind: string, name: string, path: string) => bed.kubectl('get', kind, name, '-o', `jsonpath={${path}}`)
  return {
    async server(node) {
      const name = `server-on-${node}`
      const { agnhost } = await testImages()
      const container = { name: 'server', image: agnhost, args: ['netexec', '--http-port=8080'] }
      await applyManifest(bed, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, labels: { server: name } },
        spec: { nodeName: node, containers: [container] }
      })
      await bed.kubectl('wait', `pod/${name}`, '--for=condition=Ready', '--timeout=10m')
      const [address, network] = [await field('pod', name, '.status.podIP'), await field('node', node, '.spec.podCIDR')]
      return { name, node, address, network }
    },
    async service({ name }) {
      const port = { port: 80, targetPort: 8080 }
      const spec = { type: 'NodePort', selector: { server: name }, ports: [port] }
      await applyManifest(bed, { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec })
      return {
        name,
        address: await field('service', name, '.spec.clusterIP'),
        nodePort: Number(await field('service', name, '.spec.ports[0].nodePort'))
      }
    },
    get: (from, url, ...options) => bed.kubectl('exec', from.name, '--', ...curl, ...options, url)
  }
}

/** Lets the API server, which is a process beside the machines, reach the Pods on these Nodes. Addresses by the names of the Nodes. */
export const reachPods = async (bed: Bed, nodes: Readonly<Record<string, string>>): Promise<void> => {
  for (const [node, address] of Object.entries(nodes)) {
    const network = await bed.kubectl('get', 'node', node, '--output=jsonpath={.spec.podCIDR}')
    const { code, stderr } = await bed.exec(['ip', 'route', 'replace', network, 'via', address])
    if (code !== 0) throw new Error(stderr)
  }
}
