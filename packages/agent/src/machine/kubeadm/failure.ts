import type { FailureClass } from '@joinery/protocol'
import type { Failure } from '../../journal.ts'
import { stages } from './stages.ts'

/**
 * Who can do something about it: nobody needs to (transient), the pairing server (credential), somebody on the machine, or
 * somebody in the cluster. Read from top to bottom, the first that fits counts. Texts: kubeadm v1.34 to v1.37.
 */
const rules: [RegExp, FailureClass][] = [
  [/\[ERROR [^\]]+\]:/, 'machine'],
  [/already exists in the cluster/, 'cluster'],
  [/x509: certificate has expired or is not yet valid/, 'machine'],
  [/x509: |tls: /, 'cluster'],
  [/: Unauthorized|is forbidden: User|has asked for the client to provide credentials/, 'credential'],
  [/failed while waiting for TLS bootstrap/, 'credential'],
  [/failed while waiting for the kubelet to start/, 'machine'],
  [/configmaps? "[^"]+" not found/, 'cluster'],
  [
    /connection refused|connection reset|no route to host|network is unreachable|no such host|server misbehaving/,
    'transient'
  ],
  [/i\/o timeout|TLS handshake timeout|deadline exceeded|timed out|EOF|Client\.Timeout/, 'transient'],
  [/the server is currently unable|too many requests|etcdserver:|an error on the server/, 'transient']
]

/** What the server is told of a failed join, within the protocol's limits. `output`: what `kubeadm join` printed. */
export const describeFailure = (output: readonly string[]): Failure => ({
  class: classify(output),
  stage: stages(output).at(-1) ?? '',
  output: output.slice(-20).map((line) => line.slice(0, 512))
})

const classify = (output: readonly string[]): FailureClass => {
  const errors = output.filter((line) => /^error: |\[ERROR [^\]]+\]:/.test(line)).join('\n')
  // kubeadm was ended from outside, or it never came to speak
  if (errors === '') return 'transient'
  return rules.find(([text]) => text.test(errors))?.[1] ?? 'machine'
}
