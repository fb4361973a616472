import type { InjectionToken } from 'tsyringe'
import type { Joining } from './joining.ts'
import type { Looking } from './looking.ts'
import type { Mending } from './mending.ts'
import type { OwnEtcd } from './own-etcd.ts'

/**
 * The machine that the agent runs on, a port for each kind of use. Each user takes the ports that it needs.
 * Implementations: `linuxMachine`, and the verified fake in packages/fake-machine.
 */
export interface MachinePorts {
  looking: Looking
  mending: Mending
  joining: Joining
  etcd: OwnEtcd
}
export const MachinePorts = Symbol('MachinePorts') as InjectionToken<MachinePorts>
