/** Names of the DaemonSets of network plugins, as their makers give them. */
const daemonSets =
  /^(antrea-agent|aws-node|calico-node|canal|cilium|kindnet|kube-flannel(-ds(-[a-z0-9]+)?)?|kube-multus-ds|kube-ovn-cni|kube-router|ovnkube-node|weave-net)$/

/** True if a DaemonSet of this name is a network plugin. Others are known by the folders that they mount. */
export const isPluginName = (daemonSet: string): boolean => daemonSets.test(daemonSet)
