import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import type { Enrolment, EnrolmentDetail } from '@joinery/protocol'
import type { Session } from '../session.ts'

/**
 * Root on a control-plane host, who approves a control plane, gives it the keys of the cluster with that. Undefined for a
 * worker, and for anybody else.
 */
export const grantedHere = async (
  shown: EnrolmentDetail,
  { client, terminal: { pki } }: Pick<Session, 'client' | 'terminal'>
): Promise<Enrolment | undefined> => {
  if (shown.role !== 'control-plane' || pki === undefined || !(await mayRead(join(pki, 'ca.key')))) return undefined
  const { readSharedKeys } = await import('./shared-keys.ts')
  const { grantKeys } = await import('./grant-keys.ts')
  return grantKeys(client, shown, await readSharedKeys(pki, shown.etcd))
}

const mayRead = (path: string): Promise<boolean> =>
  access(path, constants.R_OK).then(
    () => true,
    () => false
  )
