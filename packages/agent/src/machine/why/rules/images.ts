import type { WhyRule } from './rule.ts'

/** The image in the lines of a pull, as kubelet and containerd print it. */
const pull = 'failed to pull and unpack image "([^"]+)": .*?'
const source = 'containerd v2.4.2: '
const again = 'crictl pull $1'

/** Meanings of lines about an image that cannot be pulled. The image decides whose image it is: `pod-image` or `plugin-image`. */
export const imageRules: readonly WhyRule[] = [
  {
    name: 'pull-denied',
    text: new RegExp(`${pull}(pull access denied|insufficient_scope|: 401 Unauthorized)`),
    code: 'pod-image',
    cause: 'the image $1 cannot be pulled: the registry has no such repository, or wants a login',
    remedy: [again, '# correct the name of the image, or give the Pod an imagePullSecret'],
    source: `${source}core/remotes/docker/resolver.go Resolve`
  },
  {
    name: 'pull-forbidden',
    text: new RegExp(`${pull}: 403 Forbidden`),
    code: 'pod-image',
    cause: 'the image $1 cannot be pulled: the registry forbids it',
    remedy: [again, '# give the Pod an imagePullSecret, or use another registry'],
    source: `${source}core/remotes/errors/errors.go ErrUnexpectedStatus`
  },
  {
    name: 'pull-limit',
    text: new RegExp(`${pull}(: 429 Too Many Requests|toomanyrequests)`),
    code: 'pod-image',
    cause: 'the image $1 cannot be pulled now: the registry says that too much was pulled from this address',
    remedy: [again, '# wait, log in, or set up a mirror in /etc/containerd/certs.d'],
    source: `${source}core/remotes/errors/errors.go ErrUnexpectedStatus`
  },
  {
    name: 'pull-server-error',
    text: new RegExp(`${pull}: (5\\d\\d [\\w ]+)`),
    code: 'pod-image',
    cause: 'the image $1 cannot be pulled now: the registry answers $2',
    remedy: [again],
    source: `${source}core/remotes/errors/errors.go ErrUnexpectedStatus`
  },
  {
    name: 'pull-name-not-resolved',
    text: new RegExp(`${pull}dial tcp: lookup (\\S+?)(?: on \\S+)?: (?:no such host|server misbehaving|.*timeout)`),
    code: 'pod-image',
    cause: 'the image $1 cannot be pulled: this machine does not resolve the name $2 of the registry',
    remedy: ['getent hosts $2', 'cat /etc/resolv.conf'],
    source: `${source}core/remotes/docker/resolver.go do, by Go's net package`
  },
  {
    name: 'pull-refused',
    text: new RegExp(`${pull}dial tcp (\\S+?): connect: (connection refused|no route to host|network is unreachable)`),
    code: 'pod-image',
    cause: 'the image $1 cannot be pulled: this machine does not reach the registry at $2: $3',
    remedy: [again, 'cat /etc/containerd/certs.d/*/hosts.toml'],
    source: `${source}core/remotes/docker/resolver.go do, by Go's net package`
  },
  {
    name: 'pull-plain-http',
    text: new RegExp(`${pull}http: server gave HTTP response to HTTPS client`),
    code: 'pod-image',
    cause: 'the image $1 cannot be pulled: the registry speaks HTTP without TLS, and containerd wants TLS',
    remedy: ['# name the registry with http:// in /etc/containerd/certs.d/REGISTRY/hosts.toml', again],
    source: `${source}core/remotes/docker/resolver.go do, by Go's net/http package`
  },
  {
    name: 'pull-certificate',
    text: new RegExp(`${pull}(?:tls: failed to verify certificate: )?x509: (.*?)(?:"|$)`),
    code: 'pod-image',
    cause: 'the image $1 cannot be pulled: the certificate of the registry is not accepted: $2',
    remedy: ['timedatectl', '# put the CA of the registry into /etc/containerd/certs.d/REGISTRY/hosts.toml', again],
    source: `${source}core/remotes/docker/resolver.go do, by Go's crypto/x509 package`
  },
  {
    name: 'pull-late',
    text: new RegExp(`${pull}(?:i/o timeout|TLS handshake timeout|deadline exceeded|Client\\.Timeout)`),
    code: 'pod-image',
    cause: 'the image $1 cannot be pulled: the registry does not answer in time',
    remedy: [again, 'ip route', 'cat /etc/environment'],
    source: `${source}core/remotes/docker/resolver.go do, by Go's net package`
  },
  {
    name: 'pull-platform',
    text: new RegExp(`${pull}no match for platform in manifest`),
    code: 'pod-image',
    cause: 'the image $1 is not made for the processor of this machine',
    remedy: ['uname -m', '# use an image for this processor'],
    source: `${source}core/images/handlers.go LimitManifests`
  },
  {
    name: 'pull-unknown',
    text: new RegExp(`${pull}: not found`),
    code: 'pod-image',
    cause: 'the image $1 cannot be pulled: the registry does not have it',
    remedy: [again, '# correct the name or the tag of the image'],
    source: `${source}core/remotes/docker/resolver.go Resolve`
  },
  {
    name: 'pull-stands-still',
    text: /cancel pulling image (\S+) because of no progress in (\S+?)"?$/,
    code: 'pod-image',
    cause: 'the image $1 cannot be pulled: the registry sent nothing more for $2',
    remedy: [again],
    source: `${source}internal/cri/server/images/image_pull.go pullProgressReporter.start`
  },
  {
    name: 'pull-name-wrong',
    text: /InvalidImageName: "(?:Failed to apply default image tag "([^"]+)"|.*?)/,
    code: 'pod-image',
    cause: 'the name $1 of an image is no name of an image',
    remedy: ['# correct the name of the image'],
    source: 'kubelet v1.37.2: pkg/kubelet/images/image_manager.go EnsureImageExists'
  },
  {
    name: 'pull-never',
    text: /Container image "([^"]+)" is not present with pull policy of Never/,
    code: 'pod-image',
    cause: 'the image $1 is not on this machine, and its Pod forbids to pull it',
    remedy: [again, '# or set imagePullPolicy: IfNotPresent'],
    source: 'kubelet v1.37.2: pkg/kubelet/images/image_manager.go imageNotPresentOnNeverPolicyError'
  },
  {
    name: 'pull-back-off',
    text: /Back-off pulling image "([^"]+)"/,
    code: 'pod-image',
    cause: 'the image $1 could not be pulled, and the kubelet waits before it tries again',
    remedy: [again, 'journalctl --unit containerd --grep PullImage --lines 5'],
    source: 'kubelet v1.37.2: pkg/kubelet/images/image_manager.go EnsureImageExists'
  }
]
