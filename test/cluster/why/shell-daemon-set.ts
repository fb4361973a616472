export interface ShellDaemonSet {
  namespace: string
  name: string
  container: string
  image: string
  /** Shell that the container runs. */
  script: string
  /** True if it is a network plugin: it has the folder of its configuration on the machine. */
  isPlugin?: true
  /** More labels of its Pods. */
  labels?: Record<string, string>
  /** Labels of the Nodes for which it is. */
  selector?: Record<string, string>
}

/** Folders of the machine that the container has, as the bed has no image with a shell. `/host` is the folder of the network plugin. */
const volumes = [
  { name: 'usr', path: '/usr', mountPath: '/usr' },
  { name: 'lib', path: '/usr/lib', mountPath: '/lib' },
  { name: 'lib64', path: '/usr/lib64', mountPath: '/lib64' }
]
const cni = { name: 'cni', path: '/etc/cni/net.d', mountPath: '/host' }

/** A DaemonSet that runs a shell of the machine. Its Pods change only when they are deleted, so two machines may have different ones. */
export const shellDaemonSet = (given: ShellDaemonSet): object => {
  const {
    namespace,
    name,
    container,
    image,
    script,
    isPlugin,
    labels,
    selector = { 'kubernetes.io/os': 'linux' }
  } = given
  const mounted = isPlugin ? [...volumes, cni] : volumes
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      updateStrategy: { type: 'OnDelete' },
      template: {
        metadata: { labels: { app: name, ...labels } },
        spec: {
          hostNetwork: true,
          priorityClassName: 'system-node-critical',
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 1,
          nodeSelector: selector,
          tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }],
          containers: [
            {
              name: container,
              image,
              command: ['/usr/bin/sh', '-c', script],
              env: [{ name: 'PATH', value: '/usr/bin' }],
              volumeMounts: mounted.map(({ name, mountPath }) => ({ name, mountPath }))
            }
          ],
          volumes: mounted.map(({ name, path }) => ({ name, hostPath: { path } }))
        }
      }
    }
  }
}
