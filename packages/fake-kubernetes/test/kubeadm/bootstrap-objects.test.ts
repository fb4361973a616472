import t from 'tap'
import { parse } from 'yaml'
import { bootstrapObjects } from '../../src/kubeadm/bootstrap-objects.ts'
import { Objects } from '../../src/objects/objects.ts'

t.test('a cluster begins as kubeadm leaves it', async (t) => {
  const objects = new Objects(() => new Date())
  const bootstrap = { ca: 'the CA', server: 'https://172.30.0.1:6443', version: 'v1.37.2' }
  for (const [resource, object] of bootstrapObjects(bootstrap)) objects.create(resource, object)
  const map = (name: string, namespace: string) =>
    objects.get({ group: '', plural: 'configmaps' }, name, namespace)?.data as Record<string, string>

  t.match(parse(map('kubeadm-config', 'kube-system').ClusterConfiguration ?? ''), {
    controlPlaneEndpoint: '172.30.0.1:6443',
    kubernetesVersion: 'v1.37.2',
    networking: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12' }
  })
  t.match(parse(map('cluster-info', 'kube-public').kubeconfig ?? '').clusters, [
    { cluster: { server: bootstrap.server } }
  ])
  t.match(
    objects.get(
      { group: 'rbac.authorization.k8s.io', plural: 'clusterrolebindings' },
      'kubeadm:node-autoapprove-bootstrap'
    ),
    {
      roleRef: { kind: 'ClusterRole', name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient' },
      subjects: [{ kind: 'Group', name: 'system:bootstrappers:kubeadm:default-node-token' }]
    }
  )
  t.equal(objects.list({ group: '', plural: 'pods' }, 'kube-system').length, 3)
  t.equal(
    bootstrapObjects({ ...bootstrap, kubeProxy: false }).some(([{ group }]) => group === 'apps'),
    false
  )
})
