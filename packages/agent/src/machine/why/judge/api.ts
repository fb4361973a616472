import { shellWord } from '@joinery/host/text/shell-word'
import type { Cause } from '@joinery/protocol'
import { tooMuch } from '../../preflight/system/clock-skew.ts'
import type { ApiSeen, CertificateSeen, Seen } from '../seen.ts'
import { causeHere } from './cause.ts'

const end = 'openssl x509 -noout -enddate -in /var/lib/kubelet/pki/kubelet-client-current.pem'
const anew = '# without a good certificate the machine must be let in again: joinery why, on the pairing server'
const where = 'grep server: /etc/kubernetes/kubelet.conf'
const livez = '# on a control plane: kubectl get --raw /livez'

/** A kubelet's certificate that is missing or over. Whether it is over, only the API server's clock decides. */
export const judgeCertificate = ({ certificate, api }: Pick<Seen, 'certificate' | 'api'>): Cause[] => {
  if (certificate === undefined) return []
  if (certificate === 'missing') return [over('the kubelet has no client certificate')]
  if (certificate === 'unreadable')
    return [over('the file of the client certificate of the kubelet has no certificate')]
  return isOver(certificate, api)
    ? [over(`the client certificate of the kubelet ended at ${new Date(certificate.until).toISOString()}`)]
    : []
}

/** The causes that the API server's answer to the kubelet's own identity shows. */
export const judgeApi = ({ api, certificate, now }: Pick<Seen, 'api' | 'certificate' | 'now'>): Cause[] => {
  if (api === undefined) return []
  return 'status' in api ? judgeAnswer(api, certificate) : judgeSilence(api, now)
}

const judgeAnswer = (api: Extract<ApiSeen, { status: number }>, certificate: CertificateSeen | undefined): Cause[] => {
  const { status, server, anonymous } = api
  const evidence = [`${server} answers with HTTP status ${status}`]
  if (status === 200) return []
  if (status === 401 || anonymous) {
    // then the end of the certificate is the cause, and it is told already
    if (isOver(certificate, api)) return []
    return [
      over(
        'the API server does not accept the certificate of the kubelet, which is not over: it is of another CA, or a load balancer answers',
        evidence
      )
    ]
  }
  if (status === 404) {
    return [
      causeHere(
        'node-missing',
        'the cluster has no Node of this name: somebody deleted it, and the kubelet does not make it again while it runs',
        {
          evidence,
          remedy: ['systemctl restart kubelet']
        }
      )
    ]
  }
  if (status >= 500 || status === 429) {
    return [
      causeHere('api-unreachable', 'the API server answers, and cannot do its work', {
        evidence,
        remedy: ['# on a control plane: kubectl get --raw /readyz?verbose']
      })
    ]
  }
  return []
}

const judgeSilence = (api: Extract<ApiSeen, { code: string }>, now: number): Cause[] => {
  const { code, problem, server, host, date } = api
  const evidence = [`${server} ${problem}`]
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [
        causeHere('name-not-resolved', `this machine does not resolve the name ${host} of the API server`, {
          evidence,
          remedy: [`getent hosts ${shellWord(host)}`, 'cat /etc/resolv.conf']
        })
      ]
    case 'CERT_NOT_YET_VALID':
    case 'CERT_HAS_EXPIRED': {
      const remedy = ['timedatectl', 'timedatectl set-ntp true', '# on a control plane: kubeadm certs check-expiration']
      const isRight = date !== undefined && Math.abs(now - date) < tooMuch
      if (isRight)
        return [
          causeHere('api-unreachable', 'the certificate of the API server is not valid now', {
            evidence,
            remedy: remedy.slice(2)
          })
        ]
      // the clock itself is told by its own judge if it is known
      return date === undefined
        ? [
            causeHere(
              'clock-wrong',
              `the clock of this machine is ${code === 'CERT_NOT_YET_VALID' ? 'behind' : 'ahead'}, or the certificate of the API server is not valid`,
              { evidence, remedy }
            )
          ]
        : []
    }
    default:
      return [
        causeHere('api-unreachable', `this machine does not reach the API server: ${server} ${problem}`, {
          evidence: [],
          remedy: [where, ...(code === 'ENETUNREACH' ? ['ip route'] : []), livez]
        })
      ]
  }
}

const isOver = (certificate: CertificateSeen | undefined, api: ApiSeen | undefined): boolean =>
  typeof certificate === 'object' &&
  api !== undefined &&
  'status' in api &&
  api.date !== undefined &&
  certificate.until < api.date

const over = (text: string, evidence: readonly string[] = []): Cause =>
  causeHere('certificate-over', text, { evidence, remedy: [end, anew] })
