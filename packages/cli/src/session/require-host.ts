import { CommandEnd } from '@joinery/host/command-end'
import type { OperatorClient } from '../operator-client.ts'
import { exitCodes } from '../terminal/errors.ts'

/** Something that only root on a host of the cluster can do. */
export interface RootsAlone {
  /** The deed, as `make a join command`. */
  what: string
  /** The command that does it there. */
  command: string
  /** The place of that host, as `on the host of the pairing server`. */
  host: string
}

/** Throws if the command goes over the cluster: that door has no such right for anybody. The remedy says where to type what. */
export const requireHost = ({ door }: Pick<OperatorClient, 'door'>, { what, command, host }: RootsAlone): void => {
  if (door === 'socket') return
  throw new CommandEnd(exitCodes.denied, `only root can ${what}, and not over the cluster`, `${host}: sudo ${command}`)
}
