import type { WhyRule } from './rule.ts'

const end = 'openssl x509 -noout -enddate -in /var/lib/kubelet/pki/kubelet-client-current.pem'
const anew = '# without a good certificate the machine must be let in again: joinery why, on the pairing server'

/** Meanings of lines about who the kubelet is to the API server. */
export const certificateRules: readonly WhyRule[] = [
  {
    name: 'banned',
    text: /ValidatingAdmissionPolicy 'joinery-ban'/,
    code: 'banned',
    cause: 'the cluster takes nothing from this machine: Joinery removed it, and its name is banned',
    remedy: ['# to let it in again, make a new code: joinery code create'],
    source: 'kube-apiserver v1.37.2, by the policy joinery-ban of Joinery'
  },
  {
    name: 'certificate-expired',
    text: /part of the existing bootstrap client certificate in (\S+) is expired: (.*? UTC)/,
    code: 'certificate-over',
    cause: 'the client certificate of the kubelet is over: it ended at $2',
    remedy: [end, anew],
    source: 'kubelet v1.37.2: pkg/kubelet/certificate/bootstrap/bootstrap.go isClientConfigStillValid',
    until: 'api'
  },
  {
    name: 'certificate-file-missing',
    text: /unable to read existing bootstrap client config from \S+: invalid configuration: \[unable to read client-cert (\S+)/,
    code: 'certificate-over',
    cause: 'the client certificate of the kubelet is missing: $1 cannot be read',
    remedy: ['stat $1', anew],
    source: 'kubelet v1.37.2: pkg/kubelet/certificate/bootstrap/bootstrap.go isClientConfigStillValid',
    until: 'api'
  },
  {
    name: 'kubelet-conf-empty',
    text: /unable to read existing bootstrap client config from (\S+): invalid configuration: no configuration has been provided/,
    code: 'certificate-over',
    cause: '$1 is empty, as a power cut can leave it: the kubelet does not know the API server',
    remedy: ['stat $1', anew],
    source: 'kubelet v1.37.2: pkg/kubelet/certificate/bootstrap/bootstrap.go isClientConfigStillValid',
    until: 'api'
  },
  {
    name: 'certificate-unreadable',
    text: /unable to load TLS certificates from existing bootstrap client config read from \S+: (.*?)"/,
    code: 'certificate-over',
    cause: 'the client certificate of the kubelet cannot be used: $1',
    remedy: [end, anew],
    source: 'kubelet v1.37.2: pkg/kubelet/certificate/bootstrap/bootstrap.go isClientConfigStillValid',
    until: 'api'
  },
  {
    name: 'bootstrap-missing',
    text: /unable to load bootstrap kubeconfig: stat (\S+): no such file or directory/,
    code: 'certificate-over',
    cause: 'the kubelet has no certificate that it can use, and no credential to ask for one',
    remedy: [end, anew],
    source: 'kubelet v1.37.2: pkg/kubelet/certificate/bootstrap/bootstrap.go LoadClientConfig',
    until: 'api'
  },
  {
    name: 'certificate-expired-running',
    text: /The currently active client certificate has expired/,
    code: 'certificate-over',
    cause: 'the client certificate of the kubelet ended while it ran, and was not renewed',
    remedy: [end, '# on a control plane: kubectl get csr'],
    source: 'kubelet v1.37.2: pkg/kubelet/certificate/transport.go updateTransport',
    until: 'api'
  },
  {
    name: 'certificate-gone-running',
    text: /No valid client certificate is found/,
    code: 'certificate-over',
    cause: 'the kubelet has no client certificate that is good any more',
    remedy: [end, '# on a control plane: kubectl get csr'],
    source: 'kubelet v1.37.2: pkg/kubelet/certificate/transport.go updateTransport',
    until: 'api'
  },
  {
    name: 'anonymous',
    text: /User "system:anonymous" cannot/,
    code: 'certificate-over',
    cause: 'the kubelet comes to the API server without a certificate: its own is over',
    remedy: [end, anew],
    source: 'kube-apiserver v1.37.2, as kubelet v1.37.2 prints it after its certificate ended',
    until: 'api'
  },
  {
    name: 'unauthorized',
    text: /err="(?:[^"]*: )?Unauthorized"/,
    code: 'certificate-over',
    cause: 'the API server does not accept the certificate of the kubelet: it is over, or of another CA',
    remedy: [end, anew],
    source: 'kubelet v1.37.2: pkg/kubelet/kubelet_node_status.go tryRegisterWithAPIServer, and others',
    until: 'api'
  },
  {
    name: 'node-gone',
    text: /err="error getting node "([^"]+)": nodes? "[^"]+" not found"/,
    code: 'node-missing',
    cause: 'the cluster has no Node $1: somebody deleted it, and the kubelet does not make it again while it runs',
    remedy: ['systemctl restart kubelet'],
    source: 'kubelet v1.37.2: pkg/kubelet/kubelet_node_status.go tryUpdateNodeStatus',
    until: 'api'
  },
  {
    name: 'other-node',
    text: /node "([^"]+)" is not allowed to modify node "([^"]+)"/,
    code: 'node-missing',
    cause: 'the kubelet calls itself $2, and its certificate is for $1',
    remedy: ['hostnamectl --static', 'grep -o "hostname-override=[^ ]*" /var/lib/kubelet/kubeadm-flags.env'],
    source: 'kube-apiserver v1.37.2: plugin/pkg/admission/noderestriction/admission.go admitNode',
    until: 'api'
  },
  {
    name: 'register-forbidden',
    text: /Unable to register node with API server, reason is forbidden" err="(.*?)" node=/,
    code: 'node-missing',
    cause: 'the API server does not let the kubelet make its Node: $1',
    remedy: ['# on a control plane: kubectl get validatingadmissionpolicies'],
    source: 'kubelet v1.37.2: pkg/kubelet/kubelet_node_status.go tryRegisterWithAPIServer',
    until: 'api'
  }
]
