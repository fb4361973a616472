/** Address of the registry inside the bed. */
export const registry = '172.30.0.1:5000'

/** The network plugin's image. */
export const image = { repository: 'bench/plugin', tag: 'v1' }
const imageText = `${registry}/${image.repository}:${image.tag}`

/** Layers of ballast in the image, and bytes of each: 200 MB in all, which take 16 s on the link. */
export const ballast = { layers: 4, bytes: 50e6 }

const configuration = JSON.stringify({
  cniVersion: '1.0.0',
  name: 'bench',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      ipam: { type: 'host-local', ranges: [[{ subnet: '10.244.9.0/24' }]] }
    }
  ]
})

export const configurationFile = '/etc/cni/net.d/10-bench.conflist'

/** The DaemonSet of a network plugin: a Node is Ready when its Pod has run there. */
export const daemonSet = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'bench-plugin', namespace: 'kube-system' },
  spec: {
    selector: { matchLabels: { app: 'bench-plugin' } },
    template: {
      metadata: { labels: { app: 'bench-plugin' } },
      spec: {
        hostNetwork: true,
        priorityClassName: 'system-node-critical',
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 1,
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        tolerations: [{ operator: 'Exists' }],
        containers: [
          {
            name: 'plugin',
            image: imageText,
            args: ['/host', configurationFile.split('/').at(-1), configuration],
            volumeMounts: [{ name: 'cni', mountPath: '/host' }]
          }
        ],
        volumes: [{ name: 'cni', hostPath: { path: '/etc/cni/net.d' } }]
      }
    }
  }
}
