import type { RecoveryReason } from '@joinery/protocol'
import type { ApiAnswer, KubeletSight, KubeletUnit, Pem } from '../machine/port/recovering.ts'

/**
 * The verdict of a look at the kubelet's credential:
 * - nothing: nothing is to do
 * - way-back: the certificate or kubelet.conf is of no use, and only the pairing server can help
 * - authority-changed: the same, because the API server is of another CA than kubelet.conf has
 * - node-deleted: the certificate is good, and the cluster has no Node of this name
 * - unknown: nothing may be concluded, because of `why`
 */
export type Verdict =
  | { is: 'nothing'; why: string }
  | { is: 'way-back'; reason: RecoveryReason; why: string }
  | { is: 'authority-changed'; why: string }
  | { is: 'node-deleted'; why: string; remedy: string[] }
  | { is: 'unknown'; why: string; remedy: string[] }

/**
 * Judges the kubelet's credential. Only the API server's clock says that a certificate is over: this machine's clock may
 * be wrong. An answer of 401 alone says nothing, and without a TLS connection that verified nothing is known.
 */
export const judgeKubelet = (sight: KubeletSight): Verdict => {
  const { pem, conf, api, kubelet, controlPlane } = sight
  if (pem.state === 'whole' && conf !== undefined && api !== undefined) {
    const verdict = judgeAnswer(pem.notAfter, api, conf.server)
    if (verdict.is === 'nothing' || verdict.is === 'node-deleted') return verdict
    // such a machine has the CA of the cluster itself, and its API server is its own
    if (controlPlane !== undefined && verdict.is !== 'way-back') return unknown(verdict.why, ...byRoot(controlPlane))
    return isStopped(kubelet) && verdict.is !== 'unknown' ? stopped : verdict
  }
  if (isStopped(kubelet)) return stopped
  if (api?.answer === 'none') return unknown(`${conf?.server} ${api.why}`, ...byRoot(controlPlane))
  const [reason, what] = broken[pem.state]
  // the pairing server would take the question for a copy's: such a Node is Ready. One with another CA cannot be.
  if (kubelet?.state === 'runs' && !kubelet.refused && api?.answer !== 'untrusted') {
    return nothing(`${what}, and the kubelet goes on with what it holds in memory, until it is restarted`)
  }
  return wayBack(reason, what)
}

const judgeAnswer = (notAfter: number, api: ApiAnswer, server: string): Verdict => {
  if (api.answer === 'none') return unknown(`${server} ${api.why}`)
  if (api.answer === 'untrusted') {
    return { is: 'authority-changed', why: `${server} shows a certificate that the CA in ${kubeletConf} did not sign` }
  }
  const { status, date } = api
  if (status === 200) return nothing('the API server takes the certificate of the kubelet')
  if (status === 404) {
    const remedy = ['systemctl restart kubelet']
    return { is: 'node-deleted', why: 'the certificate of the kubelet is good, and its Node was deleted', remedy }
  }
  if (status !== 401) return unknown(`${server} answers with HTTP status ${status}`)
  if (date === undefined) return unknown(`${server} answers 401, and does not say what time it is`)
  if (notAfter <= date) {
    return wayBack('expired', `the certificate of the kubelet is over since ${new Date(notAfter).toISOString()}`)
  }
  return unknown(
    `${server} answers 401 to a certificate that is good until ${new Date(notAfter).toISOString()}: another CA signed it, or something before the API server answers`,
    'openssl verify -CAfile /etc/kubernetes/pki/ca.crt /var/lib/kubelet/pki/kubelet-client-current.pem'
  )
}

const kubeletConf = '/etc/kubernetes/kubelet.conf'

/** The reason for the way back, and its words, if kubelet.conf and certificate are not both there. */
const broken: Record<Pem['state'], [RecoveryReason, string]> = {
  whole: ['missing', `${kubeletConf} is missing or not whole`],
  missing: ['missing', 'the certificate of the kubelet is missing'],
  'dead-link': ['missing', 'the file of the certificate of the kubelet is missing, and its link is left'],
  unreadable: ['unreadable', 'the certificate of the kubelet cannot be read'],
  'key-does-not-fit': ['unreadable', 'the key of the kubelet does not fit its certificate']
}

const nothing = (why: string): Verdict => ({ is: 'nothing', why })
const unknown = (why: string, ...remedy: string[]): Verdict => ({ is: 'unknown', why, remedy })
const wayBack = (reason: RecoveryReason, why: string): Verdict => ({ is: 'way-back', reason, why })

const isStopped = (kubelet: KubeletUnit | undefined): boolean => kubelet?.state === 'stopped'
const stopped = unknown('the kubelet is stopped', 'systemctl start kubelet')

/** Help for a control plane whose own API server is down: nobody else can give it a certificate. */
const byRoot = (controlPlane: KubeletSight['controlPlane']): string[] =>
  controlPlane === undefined
    ? []
    : ['kubeadm certs check-expiration', ...(controlPlane.authorityKey ? ['joinery-agent recover --as-root'] : [])]
