/** A certificate of a control plane that is over, or missing: its name with kubeadm, and kubeadm's line. */
export interface NotGood {
  name: string
  line: string
}

/** kubeadm makes it on the first control plane alone (cmd/kubeadm/app/cmd/phases/init/kubeconfig.go). */
const onFirstAlone = 'super-admin.conf'

/** Names of the certificates of an etcd on this machine, and of the one by which the API server is its client. */
const ofEtcd = ['etcd-server', 'etcd-peer', 'etcd-healthcheck-client', 'apiserver-etcd-client']

/**
 * The certificates that `kubeadm certs check-expiration` printed as over or missing (cmd/kubeadm/app/cmd/certs.go). `etcdIsHere`: an etcd
 * of the cluster runs on this machine. kubeadm looks for files that only some control planes have, and these are left out.
 */
export const notGood = (printed: string, etcdIsHere: boolean): NotGood[] =>
  printed.split('\n').flatMap((text) => {
    const line = text.trim()
    const [first = '', second = ''] = line.split(/\s+/)
    if (first === '!MISSING!') {
      const isElsewhere = second === onFirstAlone || (!etcdIsHere && ofEtcd.includes(second))
      return isElsewhere ? [] : [{ name: second, line }]
    }
    return line.includes('<invalid>') ? [{ name: first, line }] : []
  })
