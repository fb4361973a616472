/** Names that kubeadm v1.34 to v1.37 puts into brackets before what it prints during a join. */
export const kubeadmStages = [
  'preflight',
  'certs',
  'kubeconfig',
  'control-plane',
  'check-etcd',
  'kubelet-start',
  'etcd',
  'kubelet-check',
  'mark-control-plane',
  'control-plane-check'
] as const
export type KubeadmStage = (typeof kubeadmStages)[number]

/**
 * The stage of kubeadm that printed this line, as an agent reports it. `end` is the line after the last stage. Undefined for any
 * other text: a machine may say what it likes.
 */
export const readKubeadmStage = (line: string): KubeadmStage | 'end' | undefined => {
  if (line.startsWith('This node has joined the cluster')) return 'end'
  const [, name] = /^\[([a-z-]{1,32})\] /.exec(line) ?? []
  return kubeadmStages.find((stage) => stage === name)
}
