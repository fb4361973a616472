import type { ComponentPod, SignedCsr } from '../sight.ts'
import { type ClusterCheck, comment, type Finding, listed, pass, skipped, wrong } from './check.ts'

/** Milliseconds after which a request counts as stuck. The signer takes a second at most, unless there is no signer. */
const patience = 60_000

export const certificateSigner: ClusterCheck = {
  name: 'certificate-signer',
  why: 'a request that is approved and never signed leaves the machine waiting until its join fails',
  async run(sight, now) {
    const [csrs, pods] = await Promise.all([sight.kubeletCsrs(), sight.controlPlane('kube-controller-manager')])
    return judgeSigner(csrs, pods, now)
  }
}

export const judgeSigner = (csrs: readonly SignedCsr[], pods: readonly ComponentPod[], now: Date): Finding => {
  const stuck = csrs.filter(
    ({ approved, refused, issued }) =>
      approved !== undefined && !refused && !issued && now.getTime() - approved.getTime() > patience
  )
  if (stuck.length > 0) return notSigned(`approved and not signed: ${listed(stuck.map(({ name }) => name))}`)
  const idle = pods.filter(({ flags }) => !signs(flags))
  if (idle.length > 0) return notSigned(`does not sign: ${listed(idle.map(({ name }) => name))}`)
  if (csrs.some(({ issued }) => issued)) return pass('every approved request is signed')
  return pods.length > 0
    ? pass('the controller manager signs')
    : skipped('kube-system shows no Pod of kube-controller-manager, and no request was signed lately')
}

const notSigned = (finding: string): Finding =>
  wrong(
    'fail',
    finding,
    comment(
      'with an external CA nobody signs for kubelets: sign by your own signer, or give the controller manager the key'
    ),
    comment(
      'on its host, --cluster-signing-cert-file and -key-file in /etc/kubernetes/manifests/kube-controller-manager.yaml'
    ),
    'kubectl --namespace kube-system get pods --selector component=kube-controller-manager'
  )

/**
 * True if the controller manager signs. With an external CA, kubeadm leaves the files empty. The controller has an
 * older and a newer name.
 */
const signs = (flags: ComponentPod['flags']): boolean => {
  const files = ['cluster-signing-cert-file', 'cluster-signing-kubelet-client-cert-file']
  const controllers = (flags.get('controllers') ?? '*').split(',').map((name) => name.trim())
  const named = ['csrsigning', 'certificatesigningrequest-signing-controller']
  const on = controllers.includes('*') || named.some((name) => controllers.includes(name))
  const off = named.some((name) => controllers.includes(`-${name}`))
  return on && !off && files.some((file) => (flags.get(file) ?? '') !== '')
}
