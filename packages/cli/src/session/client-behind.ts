import { CommandEnd } from '@joinery/host/command-end'
import { given } from '@joinery/protocol/given'
import type { OperatorClient } from '../operator-client.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { connect } from './client.ts'
import type { Door } from './which-door.ts'

export interface BehindOptions {
  /** Pin of the cluster's pairing server, which the operator has typed. */
  pin?: string | undefined
  /** Longest time for an answer, in milliseconds. */
  timeout?: number
}

/** A client behind the door. The client of a cluster is loaded only if it is needed. */
export const clientBehind = async (
  door: Door,
  terminal: Terminal,
  { pin, timeout }: BehindOptions = {}
): Promise<OperatorClient> => {
  if (door.to === 'cluster') {
    const { connectToCluster } = await import('../kubernetes/connect.ts')
    return connectToCluster(door.kubeconfig, terminal, given({ pin, timeout }))
  }
  if (pin !== undefined) {
    const cause = '--pin is for a cluster, and this command goes to the socket'
    throw new CommandEnd(exitCodes.usage, cause, 'leave it away, or name the cluster: --context NAME')
  }
  return connect(door.path, {
    operator: terminal.operator,
    pause: terminal.pause,
    ...given({ timeout, lacks: door.lacks })
  })
}
