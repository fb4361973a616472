import t from 'tap'
import { type FailingPod, ownerOf } from '../../../src/machine/why/whose-pod.ts'

const rows: [FailingPod, ReturnType<typeof ownerOf>][] = [
  [{ namespace: 'kube-system', pod: 'calico-node-x7k2p' }, 'plugin'],
  [{ namespace: 'calico-system', pod: 'calico-node-x7k2p' }, 'plugin'],
  [{ namespace: 'kube-flannel', pod: 'kube-flannel-ds-4xkzr' }, 'plugin'],
  [{ namespace: 'kube-system', pod: 'kube-flannel-ds-amd64-4xkzr' }, 'plugin'],
  [{ namespace: 'kube-system', pod: 'rke2-canal-4xkzr', image: 'docker.io/rancher/hardened-calico:v3.30' }, 'plugin'],
  [
    { namespace: 'kube-system', pod: 'cni-4xkzr', image: 'registry.example.org:5000/mirror/cilium/cilium@sha256:0f' },
    'plugin'
  ],
  [{ namespace: 'kube-system', pod: 'kube-proxy-7xk2p' }, 'kube-proxy'],
  [{ namespace: 'kube-system', pod: 'coredns-66bc5c9577-4xkzr' }, 'system'],
  [
    { namespace: 'kube-system', pod: 'calico-kube-controllers-66bc5c9577-4xkzr', image: 'docker.io/calico/node' },
    'system'
  ],
  [{ image: 'ghcr.io/flannel-io/flannel:v0.27.4' }, 'plugin'],
  [{ image: 'registry.k8s.io/kube-proxy:v1.37.2' }, 'kube-proxy'],
  [{ image: 'registry.k8s.io/pause:3.10' }, 'system'],
  [{ pod: 'cilium-x7k2p' }, 'plugin'],
  // workloads that sound alike
  [{ namespace: 'weaver-prod', pod: 'weave-net-4xkzr' }, undefined],
  [{ namespace: 'romana-payments', pod: 'web-4xkzr' }, undefined],
  [{ namespace: 'shop', pod: 'calico-node-x7k2p', image: 'docker.io/calico/node' }, undefined],
  [{ namespace: 'shop', pod: 'kube-proxy-7xk2p' }, undefined],
  [{ namespace: 'calico-system', pod: 'canalytics-4xkzr', image: 'acme/canalytics' }, undefined],
  [{ namespace: 'calico-system', pod: 'calico-node-66bc5c9577-4xkzr', image: 'docker.io/calico/node' }, undefined],
  [{ namespace: 'kube-flannel', pod: 'kube-proxy-7xk2p' }, undefined],
  [{ namespace: '', pod: 'calico-node-x7k2p' }, undefined],
  [{ image: 'docker.io/acme/canalytics:1' }, undefined],
  [{ image: 'docker.io/acme/not-calico:calico' }, undefined],
  [{ pod: 'web-4xkzr', image: 'shop/web' }, undefined],
  [{}, undefined]
]

t.test('C16: only the Pods of the system have an owner, by whole names and in their namespaces', async (t) => {
  for (const [pod, owner] of rows) t.equal(ownerOf(pod), owner, JSON.stringify(pod))
})
