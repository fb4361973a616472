import t from 'tap'
import type { NodeConfiguration } from '../src/node-configuration.ts'
import { nodeConfiguration } from '../src/node-configuration.ts'

const rows: [what: string, kubelet: string, kubeProxy: string, expected: NodeConfiguration][] = [
  ['nothing', '', '', {}],
  [
    "kubeadm's own",
    'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\ncgroupDriver: systemd\nmaxPods: 0\nmemorySwap: {}\nrotateCertificates: true\n',
    'mode: ""\n',
    { kubelet: { cgroupDriver: 'systemd', rotateCertificates: true }, kubeProxyMode: 'iptables' }
  ],
  [
    'swap that is allowed',
    'failSwapOn: false\nmemorySwap: {swapBehavior: NoSwap}',
    '',
    { kubelet: { failSwapOn: false, swapBehavior: 'NoSwap' } }
  ],
  ['swap that is refused explicitly', 'failSwapOn: true', '', { kubelet: { failSwapOn: true } }],
  ['a word for a flag', 'failSwapOn: "false"', '', { kubelet: {} }],
  [
    'fields of a wrong type',
    'memorySwap: LimitedSwap\ncgroupDriver: 1\nmaxPods: -1\nuserNamespaces: []\nfeatureGates: null',
    'mode: [nftables]',
    { kubelet: {} }
  ],
  [
    'unknown values',
    'cgroupDriver: other\nmemorySwap: {swapBehavior: Unlimited}',
    'mode: kernelspace',
    { kubelet: {} }
  ],
  [
    'kinds of keys',
    'clientCertificateKeyAlgorithm: ML-DSA-65\nserverCertificateKeyAlgorithm: ECDSA-P384',
    '',
    { kubelet: { clientCertificateKeyAlgorithm: 'ML-DSA-65', serverCertificateKeyAlgorithm: 'ECDSA-P384' } }
  ],
  ['a kind of key that no kubelet makes', 'clientCertificateKeyAlgorithm: RSA-1024', '', { kubelet: {} }],
  ['no YAML', 'failSwapOn: [', '{', {}],
  ['a list', '- failSwapOn: false', '- mode: ipvs', {}],
  ['each mode: ipvs', '', 'mode: ipvs', { kubeProxyMode: 'ipvs' }],
  ['each mode: nftables', '', 'mode: nftables', { kubeProxyMode: 'nftables' }],
  ['no mode', '', 'kind: KubeProxyConfiguration', { kubeProxyMode: 'iptables' }]
]

for (const [what, kubelet, kubeProxy, expected] of rows) {
  t.test(`the configuration of nodes from ${what}: ${JSON.stringify(expected)}`, async (t) => {
    t.strictSame(nodeConfiguration(kubelet, kubeProxy), expected)
  })
}
