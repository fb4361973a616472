import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandEnd } from '@joinery/host/command-end'
import type { SeenEnrolment, SeenEnrolmentDetail } from '../operator-client.ts'
import type { Session } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'

type Here = Pick<Session, 'client' | 'terminal'>

/** True if this user can grant keys to the machine here: root on a control-plane host, for a control plane. */
export const canGrantHere = async (
  { role }: SeenEnrolmentDetail,
  { client: { door }, terminal: { pki } }: Here
): Promise<boolean> =>
  // what is sealed goes over the socket alone
  role === 'control-plane' && door === 'socket' && pki !== undefined && (await mayRead(join(pki, 'ca.key')))

/** Gives the machine, as it was shown, the keys of the cluster from this host. */
export const grantHere = async (
  shown: SeenEnrolmentDetail,
  { client, terminal: { pki } }: Here
): Promise<SeenEnrolment> => {
  if (pki === undefined) throw new CommandEnd(exitCodes.failure, 'a rehearsal has no keys of a cluster')
  const { readSharedKeys } = await import('./shared-keys.ts')
  const { grantKeys } = await import('./grant-keys.ts')
  return grantKeys(client, shown, await readSharedKeys(pki, shown.etcd))
}

const mayRead = (path: string): Promise<boolean> =>
  access(path, constants.R_OK).then(
    () => true,
    () => false
  )
