export { RehearsalEtcd } from '../machine/rehearsal/kubeadm/etcd.ts'
export {
  controlPlaneLines,
  refusedConnection,
  type Stage,
  stageLines,
  type WorkerStage
} from '../machine/rehearsal/kubeadm/kubeadm-texts.ts'
export type { BootstrapUser, KubeletSide } from '../machine/rehearsal/kubeadm/kubelet-side.ts'
export type { MachineWorld } from '../machine/rehearsal/machine-world.ts'
export { memoryFiles } from '../machine/rehearsal/memory-files.ts'
export { rehearsalMachine } from '../machine/rehearsal/rehearsal-machine.ts'
