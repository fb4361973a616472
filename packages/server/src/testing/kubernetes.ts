export { ownCsrObject } from '../cluster/kubernetes/csrs.ts'
export { kubernetesViews } from '../cluster/kubernetes/door/kubernetes-views.ts'
export { kubernetesCluster } from '../cluster/kubernetes/kubernetes-cluster.ts'
export { tokenSecret } from '../cluster/kubernetes/tokens.ts'
