import type { RecoveryCredential } from '@joinery/protocol'
import type { KubeletSight, WayToApi } from '../machine/port/recovering.ts'

/**
 * Server and CA for bootstrap-kubelet.conf, which become those of kubelet.conf. The old ones, if the API server just
 * showed a certificate of the old CA: they may name a load balancer that nobody else knows. Else those that the pairing
 * server gave over its pinned connection. A control plane has its own API server, and the CA itself. `address` is that of
 * its API server, from the journal of the join.
 */
export const chooseWay = (
  { conf, api, controlPlane }: KubeletSight,
  { server, certificateAuthority }: Pick<RecoveryCredential, 'server' | 'certificateAuthority'>,
  address?: string
): WayToApi & { renewsAuthority: boolean } => {
  if (conf !== undefined && api?.answer === 'http') return { ...conf, renewsAuthority: false }
  if (controlPlane === undefined) return { server, ca: certificateAuthority, renewsAuthority: true }
  const own = address === undefined ? undefined : `https://${address.includes(':') ? `[${address}]` : address}:6443`
  const { ca = certificateAuthority } = controlPlane
  return { server: conf?.server ?? own ?? server, ca, renewsAuthority: false }
}
