export { type AnswerCounts, ApiAnswers, both, type Listener } from './api-answers.ts'
export { ApiTime } from './api-time.ts'
export { apply, type Manifest, read, remove, titleOf } from './apply.ts'
export { boundPods, somePodOn } from './bound-pods.ts'
export { BoundedConfig, callTimeout, type Sending } from './bounded-config.ts'
export { clusterUid } from './cluster-uid.ts'
export { type Connection, connect, connectionBy, connectionTo, type LiveConnection, setupRemedy } from './connection.ts'
export { differences } from './differences.ts'
export {
  type Answer,
  answered,
  answerOf,
  explain,
  isConflict,
  isUnsent,
  refusalMessage,
  refusalOf,
  statusOf,
  unservedFor
} from './errors.ts'
export { hasKubeProxy } from './kube-proxy.ts'
export { connectionByFiles, type LoginProgram } from './kubeconfig-files.ts'
export { configurationMaps, type NodeConfiguration, nodeConfiguration } from './node-configuration.ts'
export { inPages, pageSize } from './pages.ts'
export { untilEnd } from './until-end.ts'
export { requireVersion, version } from './version.ts'
