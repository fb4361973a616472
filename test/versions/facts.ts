import { keyAlgorithms } from '@joinery/protocol'
import type { Sources } from './sources.ts'

/** Something that Kubernetes does, by which Joinery acts. */
export interface Fact {
  what: string
  /** Path in k8s.io/kubernetes. */
  file: string
  /** Text that shows it. */
  text: RegExp
  /** First minor of which it is true. It is true of each later one. */
  since?: number
  /** Where Joinery acts by it. */
  actsIn: string
}

const features = 'pkg/features/kube_features.go'
const preflight = 'packages/agent/src/machine/preflight'

/** The facts about versions of Kubernetes that Joinery acts by, each with the place of its source. */
export const facts: readonly Fact[] = [
  {
    what: 'a kubelet takes its own cgroup driver if the container runtime does not tell one',
    file: 'cmd/kubelet/app/server.go',
    text: /Falling back to using cgroupDriver from kubelet config\./,
    actsIn: `${preflight}/runtime/container-runtime.ts: a warning`
  },
  {
    what: 'kubeadm warns of a container runtime that does not tell its cgroup driver',
    file: 'cmd/kubeadm/app/preflight/checks.go',
    text: /IsRuntimeConfigImplemented\(\)[\s\S]{0,900}warnings = append\(warnings, err\)/,
    since: 35,
    actsIn: `${preflight}/runtime/container-runtime.ts: a warning`
  },
  {
    what: 'user namespaces are on by default',
    file: features,
    text: /UserNamespacesSupport: \{[^}]*\}[\s\S]{0,200}MustParse\("1\.33"\), Default: true/,
    actsIn: `${preflight}/system/user-namespaces.ts: firstByDefault`
  },
  {
    what: 'user namespaces cannot be switched off',
    file: features,
    text: /UserNamespacesSupport: \{[\s\S]{0,400}MustParse\("1\.36"\), Default: true, PreRelease: featuregate\.GA, LockToDefault: true/,
    since: 36,
    actsIn: `${preflight}/system/user-namespaces.ts: firstLocked`
  },
  {
    what: 'a kubelet may be three minors older than the kubeadm that joins it',
    file: 'cmd/kubeadm/app/constants/constants.go',
    text: /MinimumKubeletVersion = getSkewedKubernetesVersion\(-3\)/,
    actsIn: `${preflight}/runtime/version-skew.ts: oldest`
  },
  {
    what: 'kubeadm refuses to join without mount, losetup and cp',
    file: 'cmd/kubeadm/app/preflight/checks_linux.go',
    text: /"losetup", mandatory: true[\s\S]*"mount", mandatory: true[\s\S]*"cp", mandatory: true/,
    actsIn: `${preflight}/runtime/programs.ts: needed`
  },
  {
    what: 'a kubelet makes the kind of key that its configuration asks for',
    file: 'pkg/kubelet/apis/config/types.go',
    text: new RegExp(keyAlgorithms.map((name) => `= "${name}"`).join('[\\s\\S]*')),
    since: 38,
    actsIn: 'packages/protocol/src/machine/key-algorithm.ts'
  },
  {
    what: 'the API server takes requests by ML-DSA keys, and none for key encipherment',
    file: 'pkg/apis/certificates/validation/validation.go',
    text: /mldsaDisallowedUsages = sets\.NewString\([\s\S]{0,80}UsageKeyEncipherment/,
    since: 38,
    actsIn: 'packages/server/src/core/enrolment/csr/csr-guard.ts: usagesOfMlDsa'
  },
  {
    what: 'a request for a kubelet’s certificate has the subject and the signer that the guards know',
    file: 'pkg/kubelet/certificate/kubelet.go',
    text: /CommonName: +fmt\.Sprintf\("system:node:%s", nodeName\),\s+Organization: \[\]string\{"system:nodes"\}/,
    actsIn: 'packages/server/src/core/enrolment/csr/csr-guard.ts'
  }
]

/** Facts that are not so in these sources. */
export const wrongFacts = ({ minor, version, read }: Sources): string[] =>
  facts.flatMap(({ what, file, text, since = 0, actsIn }) => {
    const [is, should] = [text.test(read(file)), minor >= since]
    if (is === should) return []
    return `${version}: ${should ? 'no longer' : 'already'} so: ${what} (${file}); see ${actsIn}`
  })
