import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { day } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { hostOf } from '../../core/base/addresses.ts'
import { names } from '../../core/keys/leaf.ts'

/** The certificate of the agents' listener: its end, and the URL to which machines are sent if it does not name that host. */
export interface LeafFindings {
  expires: Date
  unnamed?: string
}

/** Looks at the certificate as it lies in the state folder now. `address`: URL to which machines are sent. */
export const readLeaf = async (state: string, address: string): Promise<LeafFindings> => {
  const leaf = new X509Certificate(await readFile(join(state, 'tls.crt')))
  return { expires: leaf.validToDate, ...given({ unnamed: names(leaf, hostOf(address)) ? undefined : address }) }
}

/**
 * Milliseconds before the end of the leaf from which on a person is needed. A timer of root's makes a new one 30 days before the end,
 * and tries each day: by then it failed for more than two weeks.
 */
const leafAlarm = 14 * day

/** One sentence with a command for each thing that is wrong with the certificate of the agents' listener. */
export const leafRemedies = ({ expires, unnamed }: LeafFindings, now: Date): string[] => [
  ...(unnamed === undefined
    ? []
    : [
        `The certificate for agents does not name the host of ${unnamed}, so no new machine can fetch the agent from there; joinery-server renew-leaf && systemctl restart joinery-server`
      ]),
  ...(expires.getTime() - now.getTime() < leafAlarm
    ? [
        `The certificate for agents ends at ${expires.toISOString()} and was not renewed; joinery-server renew-leaf && systemctl start joinery-server-renew.timer`
      ]
    : [])
]
