import { connect } from '@joinery/cli/testing/session'
import type { CauseCode, Why } from '@joinery/protocol'
import type { Machine } from '../bed/machine.ts'
import { waitFor } from '../bed/wait-for.ts'
import { minutes, type Product } from '../product.ts'
import type { Ready, ReadyWatch } from './ready-watch.ts'

/** A machine of the cluster whose Node stops being Ready now and then, and the two places that say why. */
export interface Worker {
  readonly name: string
  readonly machine: Machine
  /** The server's answer. It is asked again and again, so there is no command to start. */
  serverKnows(): Promise<Pick<Why, 'name' | 'ready' | 'causes'>>
  /** `joinery why`, on the server's host. */
  clusterSays(): Promise<Why>
  /** `joinery-agent why`, on the machine. */
  machineSays(): Promise<Why>
  /** Waits until the condition Ready of its Node is one of these. */
  becomes(...wanted: Ready[]): Promise<unknown>
}

export const workerOf = ({ bed, tryJoinery }: Product, machine: Machine, ready: ReadyWatch): Worker => {
  const { name } = machine
  return {
    name,
    machine,
    serverKnows: async () => {
      const operator = connect(bed.hostPath('/run/joinery/operator.sock'))
      return operator.why(name).finally(() => operator.close())
    },
    clusterSays: async () => JSON.parse((await tryJoinery('why', name, '-o', 'json')).stdout),
    machineSays: async () => JSON.parse((await machine.ssh('joinery-agent why -o json')).stdout),
    becomes: (...wanted) =>
      waitFor(
        `the condition Ready of ${name} to be ${wanted.join(' or ')}`,
        () => ready.of(name),
        (seen) => seen !== '' && wanted.includes(seen),
        3 * minutes
      )
  }
}

/** Codes of the causes, in their order. */
export const codesOf = ({ causes }: Pick<Why, 'causes'>): CauseCode[] => causes.map(({ code }) => code)
