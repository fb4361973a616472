import { createPrivateKey, X509Certificate } from 'node:crypto'
import { etcdGateway, etcdUrl, type OpenEtcd } from '@joinery/etcd'
import type { Files } from '@joinery/host/files'
import { paths } from '../../host/paths.ts'
import type { Clock } from '../../program/clock.ts'
import { issueClient } from './issue-client.ts'

/**
 * Opens etcd with the certificate that kubeadm made for this machine's API server. If a power cut destroyed that
 * certificate, the CA, which lies there whole, issues another one. Undefined if there is no CA, or neither that
 * certificate nor the CA's key: then kubeadm could make no member.
 */
export const openEtcd =
  (files: Pick<Files, 'read'>, clock: Pick<Clock, 'now'>): OpenEtcd =>
  async (hosts) => {
    const [ca, caKey, cert, key] = await Promise.all(
      [paths.etcdAuthority, paths.etcdAuthorityKey, paths.etcdClient, paths.etcdClientKey].map(files.read)
    )
    if (ca === undefined) return undefined
    const issued = async () => (caKey === undefined ? undefined : issueClient({ cert: ca, key: caKey }, clock.now()))
    const made = pairOf(cert, key) ?? (await issued())
    const urls = hosts.map((host) => etcdUrl(host, 2379))
    return made && etcdGateway(urls, { ca, ...made })
  }

/** A certificate and its key. Undefined if one of them is not there, or not whole. */
const pairOf = (cert = '', key = ''): { cert: string; key: string } | undefined => {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)) ? { cert, key } : undefined
  } catch {
    return undefined
  }
}
