import { cgroupDriver } from './cgroup-driver.ts'
import { cgroups } from './cgroups.ts'
import type { PreflightCheck } from './check.ts'
import { containerRuntime } from './container-runtime.ts'
import { diskSpace } from './disk-space.ts'
import { earlierJoin } from './earlier-join.ts'
import { hostname } from './hostname.ts'
import { installed } from './installed.ts'
import { kernel } from './kernel.ts'
import { kernelModules } from './kernel-modules.ts'
import { kubeProxy } from './kube-proxy.ts'
import { kubeletService } from './kubelet-service.ts'
import { leftovers } from './leftovers.ts'
import { machineIdentity } from './machine-identity.ts'
import { nameLookup } from './name-lookup.ts'
import { openFiles } from './open-files.ts'
import { portsFree } from './ports-free.ts'
import type { PreflightInput } from './preflight-input.ts'
import { programs } from './programs.ts'
import { root } from './root.ts'
import { sandboxImage } from './sandbox-image.ts'
import { securityModules } from './security-modules.ts'
import { swap } from './swap.ts'
import { sysctls } from './sysctls.ts'
import { timeService } from './time-service.ts'
import { userNamespaces } from './user-namespaces.ts'
import { versionSkew } from './version-skew.ts'

/** What a join needs of the machine itself, in the order in which it is reported. */
export const machineChecks = (input: PreflightInput): PreflightCheck[] => {
  const { role, nodeName, cluster, ownLeftovers } = input
  return [
    root,
    installed('kubelet', cluster?.version),
    installed('kubeadm', cluster?.version),
    installed('kubectl', cluster?.version),
    programs,
    versionSkew(cluster?.version),
    kubeletService(cluster?.version),
    swap(input),
    kernelModules,
    sysctls,
    kernel,
    kubeProxy(cluster),
    cgroups,
    containerRuntime,
    cgroupDriver(cluster?.kubelet?.cgroupDriver),
    userNamespaces(cluster?.kubelet),
    sandboxImage,
    hostname(nodeName),
    nameLookup(nodeName),
    machineIdentity,
    diskSpace(role === 'control-plane' && cluster?.etcd !== 'external'),
    openFiles,
    securityModules,
    timeService,
    portsFree({ role, ...(cluster && { cluster }) }),
    earlierJoin(ownLeftovers),
    leftovers
  ]
}
