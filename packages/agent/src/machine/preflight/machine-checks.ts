import { cgroupDriver } from './cgroup-driver.ts'
import type { PreflightCheck } from './check.ts'
import { containerRuntime } from './container-runtime.ts'
import { earlierJoin } from './earlier-join.ts'
import { installed } from './installed.ts'
import { kernelModules } from './kernel-modules.ts'
import { kubeletService } from './kubelet-service.ts'
import { portsFree } from './ports-free.ts'
import type { PreflightInput } from './preflight-input.ts'
import { swap } from './swap.ts'
import { sysctls } from './sysctls.ts'

/** What a join needs of the machine itself, in the order in which it is reported. */
export const machineChecks = (_: PreflightInput): PreflightCheck[] => [
  installed('kubelet'),
  installed('kubeadm'),
  installed('kubectl'),
  kubeletService,
  swap,
  kernelModules,
  sysctls,
  containerRuntime,
  cgroupDriver,
  portsFree,
  earlierJoin
]
