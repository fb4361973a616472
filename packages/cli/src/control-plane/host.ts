import type { Etcd } from '@joinery/etcd'
import { etcdGateway } from '@joinery/etcd'
import { CommandEnd } from '@joinery/host/command-end'
import { exitCodes } from '../terminal/errors.ts'
import { readKey } from '../terminal/read-key.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** The control-plane host on which the command runs, as root. */
export interface ControlPlaneHost {
  /** Undefined if etcd is external: then no control plane has a member. */
  etcd: Etcd | undefined
  addresses: readonly string[]
}

/** Remedy: the same command on another control-plane host. */
export const elsewhere = (name: string, command: string): string =>
  `on another control-plane host than ${name}: sudo ${command}`

/** Throws if this is no control-plane host, or if the user is not root. */
export const openHost = async (
  { pki, etcd: urls = [], addresses = () => [] }: Terminal,
  remedy: string
): Promise<ControlPlaneHost> => {
  if (pki === undefined) throw new CommandEnd(exitCodes.failure, 'a rehearsal has no control-plane host', remedy)
  const read = (file: string) => readKey(pki, file, remedy)
  // every control plane has this one, whose CA may lie elsewhere
  if ((await read('sa.key')) === undefined) {
    const cause = `only root on a control-plane host can take a control plane away: there is no ${pki}/sa.key here`
    throw new CommandEnd(exitCodes.failure, cause, remedy)
  }
  const host = { etcd: undefined, addresses: addresses() }
  if ((await read('etcd/server.key')) === undefined) return host
  const [ca, cert, key] = await Promise.all(
    ['etcd/ca.crt', 'apiserver-etcd-client.crt', 'apiserver-etcd-client.key'].map(read)
  )
  if (ca === undefined || cert === undefined || key === undefined) {
    throw new CommandEnd(
      exitCodes.failure,
      `the certificates and keys that open etcd are not complete in ${pki}`,
      remedy
    )
  }
  return { ...host, etcd: etcdGateway(urls, { ca, cert, key }) }
}
