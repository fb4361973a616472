import type { WhyRule } from './rule.ts'

const livez = '# on a control plane: kubectl get --raw /livez'
const source = "kubelet v1.37.2: pkg/kubelet/kubelet_node_status.go and its client, by Go's "
const clock = ['timedatectl', 'timedatectl set-ntp true']

/** Meanings of lines about the way from the kubelet to the API server. Lines about registries are told apart before. */
export const apiRules: readonly WhyRule[] = [
  {
    name: 'api-name-not-resolved',
    text: /dial tcp: lookup (\S+?)(?: on (\S+?))?: (?:no such host|server misbehaving|i\/o timeout|read udp .*)/,
    code: 'name-not-resolved',
    cause: 'this machine does not resolve the name $1 of the API server',
    remedy: ['getent hosts $1', 'cat /etc/resolv.conf'],
    source: `${source}net package`,
    until: 'api'
  },
  {
    name: 'api-certificate-not-yet',
    text: /x509: certificate has expired or is not yet valid: current time (\S+) is before/,
    code: 'clock-wrong',
    cause: 'the clock of this machine is behind: by it the certificate of the API server is not valid yet',
    remedy: clock,
    source: `${source}crypto/x509 package`,
    until: 'api'
  },
  {
    name: 'api-certificate-over',
    text: /x509: certificate has expired or is not yet valid: current time (\S+) is after/,
    code: 'clock-wrong',
    cause: 'the clock of this machine is ahead, or the certificate of the API server is over',
    remedy: [...clock, '# on a control plane: kubeadm certs check-expiration'],
    source: `${source}crypto/x509 package`,
    until: 'api'
  },
  {
    name: 'api-other-authority',
    text: /x509: certificate signed by unknown authority/,
    code: 'api-unreachable',
    cause: 'the API server shows a certificate of another CA than the one in kubelet.conf',
    remedy: [
      'grep server: /etc/kubernetes/kubelet.conf',
      'openssl x509 -noout -fingerprint -in /etc/kubernetes/pki/ca.crt'
    ],
    source: `${source}crypto/x509 package`,
    until: 'api'
  },
  {
    name: 'api-other-name',
    text: /x509: certificate is valid for (.*?), not ([^\s"]+)/,
    code: 'api-unreachable',
    cause: 'the certificate of the API server is not for $2, by which the kubelet calls it',
    remedy: [
      'grep server: /etc/kubernetes/kubelet.conf',
      '# on a control plane: add the name to certSANs, and renew the certificate'
    ],
    source: `${source}crypto/x509 package`,
    until: 'api'
  },
  {
    name: 'api-refused',
    text: /dial tcp (\S+?): connect: connection refused/,
    code: 'api-unreachable',
    cause: 'nothing listens at $1, where the kubelet looks for the API server',
    remedy: ['grep server: /etc/kubernetes/kubelet.conf', livez],
    source: `${source}net package`,
    until: 'api'
  },
  {
    name: 'api-no-route',
    text: /dial tcp (\[?\S+?\]?):\d+: connect: (no route to host|network is unreachable)/,
    code: 'api-unreachable',
    cause: 'this machine has no way to the API server at $1: $2',
    remedy: ['ip route get $1', 'ip address'],
    source: `${source}net package`,
    until: 'api'
  },
  {
    name: 'api-silent',
    text: /dial tcp (\S+?): (?:connect: connection timed out|i\/o timeout)/,
    code: 'api-unreachable',
    cause: 'the API server at $1 does not answer: a firewall drops what is sent to it, or it is off',
    remedy: ['ip route', 'nft list ruleset', livez],
    source: `${source}net package`,
    until: 'api'
  },
  {
    name: 'api-late',
    text: /net\/http: TLS handshake timeout|Client\.Timeout exceeded|net\/http: request canceled|err="[^"]*(?:context deadline exceeded|etcdserver: request timed out)/,
    code: 'api-unreachable',
    cause: 'the API server takes the connection, and does not answer in time',
    remedy: ['# on a control plane: kubectl get --raw /readyz?verbose'],
    source: `${source}net/http package`,
    until: 'api'
  }
]
