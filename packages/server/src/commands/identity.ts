import { clusterUid } from '@joinery/kube'
import { adminConnection, asAdmin } from '@joinery/kube/doctor'
import { ProblemError } from '@joinery/protocol'
import { sayProgram } from '../adapters/kubernetes/setup/say-program.ts'
import type { KeysOf } from '../adapters/sqlite/backup/keys/keys-file.ts'
import { StartRefusal } from '../core/base/start-refusal.ts'

/** Asks the cluster of an administrator's kubeconfigs who it is. Throws `StartRefusal` if the cluster does not say it. */
export const askIdentity = (adminKubeconfigs: readonly string[]) => async (): Promise<KeysOf> => {
  try {
    const api = adminConnection(adminKubeconfigs, { program: sayProgram })
    const uid = await asAdmin(api, clusterUid)
    if (uid === undefined) throw new ProblemError('cluster-unavailable', { detail: 'its kube-system has no uid' })
    return { uid, api: api.server }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    throw new StartRefusal(`the cluster cannot be asked who it is: ${error.text.detail}`, error.text.remedy)
  }
}
