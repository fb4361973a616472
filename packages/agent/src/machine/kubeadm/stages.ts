/** Lines of `kubeadm join` (v1.34 to v1.37) that tell where a worker is, in their order. Marks, not an API: none is needed. */
const marks = [
  /^\[preflight\] Running pre-flight checks/,
  /^\[preflight\] Reading configuration from/,
  /^\[kubelet-start\] Writing kubelet configuration/,
  /^\[kubelet-start\] Starting the kubelet/,
  /^\[kubelet-check\] Waiting for a healthy kubelet/,
  /^\[kubelet-check\] The kubelet is (not )?healthy after/,
  /^\[kubelet-start\] Waiting for the kubelet to perform the TLS Bootstrap/,
  /^This node has joined the cluster/
]

/** The protocol's limit of a stage. */
const limit = 256

/** The stages in what kubeadm printed so far, each as kubeadm words it. */
export const stages = (output: readonly string[]): string[] =>
  output.filter((line) => marks.some((mark) => mark.test(line))).map((line) => line.trim().slice(0, limit))

/** How far a join is whose last stage is that one: stages that have begun, of how many. */
export const progressOf = (stage: string | undefined): { done: number; of: number } => ({
  done: stage === undefined ? 0 : marks.findIndex((mark) => mark.test(stage)) + 1,
  of: marks.length
})
