import { escapeText } from '@joinery/protocol'
import type { OperatorClient } from '../operator-client.ts'
import type { Door } from '../session/which-door.ts'
import type { ConsoleSession } from './contract.ts'

/** Most characters of a name on the page. A kubeconfig may come from anybody, and hold any text. */
const longest = 253

/** Tells which cluster the console is about: two of them in one browser look alike. `host`: the name of this host. */
export const describeDoor = (
  door: Pick<Door, 'to'> & { path?: string },
  cluster: OperatorClient['cluster'],
  host: string
): Pick<ConsoleSession, 'name' | 'door'> => {
  if (cluster === undefined) return { name: bounded(host), door: { to: 'socket', path: door.path ?? '' } }
  return { name: bounded(cluster.context), door: { to: 'cluster', server: bounded(placeOf(cluster.server)) } }
}

/** Host and path of an API server. A proxy has one path for each cluster. A password in the URL is nobody's to see. */
const placeOf = (server: string): string => {
  const { host, pathname } = new URL(server)
  return `${host}${pathname.replace(/\/+$/, '')}`
}

const bounded = (text: string): string => escapeText(text.slice(0, longest)).slice(0, longest)
