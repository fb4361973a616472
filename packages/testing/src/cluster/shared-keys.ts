import { generateKeyPairSync } from 'node:crypto'
import { certificateAuthority } from '@joinery/fake-kubernetes'
import type { ClusterFacts } from '@joinery/protocol'
import type { SharedFiles } from '@joinery/protocol/seal'

/**
 * Keys that the control planes of a cluster share, as `kubeadm init` makes them: a CA for each purpose, and the keys of
 * service accounts.
 */
export const sharedKeys = async (etcd: ClusterFacts['etcd'] = 'stacked'): Promise<SharedFiles> => {
  const [ca, frontProxy, etcdCa] = await Promise.all([newAuthority(), newAuthority(), newAuthority()])
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' }
  })
  return {
    'ca.crt': ca.certificate,
    'ca.key': ca.key,
    'sa.key': privateKey,
    'sa.pub': publicKey,
    'front-proxy-ca.crt': frontProxy.certificate,
    'front-proxy-ca.key': frontProxy.key,
    'etcd/ca.crt': etcdCa.certificate,
    ...(etcd === 'external' ? await etcdClient() : { 'etcd/ca.key': etcdCa.key })
  }
}

const newAuthority = () => certificateAuthority(() => new Date())

/** A client certificate for etcd, and its key. No agent looks at who issued it. */
const etcdClient = async (): Promise<SharedFiles> => {
  const { certificate, key } = await newAuthority()
  return { 'apiserver-etcd-client.crt': certificate, 'apiserver-etcd-client.key': key }
}
