/** Of the kubelet's API: the one port of a worker that the control plane comes to. */
export const kubeletPort = 10250
