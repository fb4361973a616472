export { RehearsalEtcd } from './kubeadm/etcd.ts'
export {
  controlPlaneLines,
  refusedConnection,
  type Stage,
  stageLines,
  type WorkerStage
} from './kubeadm/kubeadm-texts.ts'
export { readBootstrap } from './kubeadm/kubeconfig.ts'
export type { BootstrapUser, KubeletSide } from './kubeadm/kubelet-side.ts'
export type { MachineWorld } from './machine-world.ts'
export { memoryFiles } from './memory-files.ts'
export { memoryImages } from './memory-images.ts'
export { rehearsalMachine } from './rehearsal-machine.ts'
