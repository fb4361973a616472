import { given } from '@joinery/protocol/given'
import type { PreflightCheck } from './check/check.ts'
import type { PreflightInput } from './check/preflight-input.ts'
import { hostname } from './network/hostname.ts'
import { nameLookup } from './network/name-lookup.ts'
import { portsFree } from './network/ports-free.ts'
import { cgroupDriver } from './runtime/cgroup-driver.ts'
import { containerRuntime } from './runtime/container-runtime.ts'
import { earlierJoin } from './runtime/earlier-join.ts'
import { installed } from './runtime/installed.ts'
import { kubeProxy } from './runtime/kube-proxy.ts'
import { kubeletService } from './runtime/kubelet-service.ts'
import { leftovers } from './runtime/leftovers.ts'
import { programs } from './runtime/programs.ts'
import { sandboxImage } from './runtime/sandbox-image.ts'
import { versionSkew } from './runtime/version-skew.ts'
import { cgroups } from './system/cgroups.ts'
import { diskSpace } from './system/disk-space.ts'
import { kernel } from './system/kernel.ts'
import { kernelModules } from './system/kernel-modules.ts'
import { machineIdentity } from './system/machine-identity.ts'
import { openFiles } from './system/open-files.ts'
import { root } from './system/root.ts'
import { securityModules } from './system/security-modules.ts'
import { swap } from './system/swap.ts'
import { sysctls } from './system/sysctls.ts'
import { timeService } from './system/time-service.ts'
import { userNamespaces } from './system/user-namespaces.ts'

/** The checks of the machine itself, in the order in which they are reported. */
export const machineChecks = (input: PreflightInput): PreflightCheck[] => {
  const { role, nodeName, cluster, ownEarlierJoin } = input
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
    portsFree({ role, ...given({ cluster }) }),
    earlierJoin(ownEarlierJoin),
    leftovers
  ]
}
