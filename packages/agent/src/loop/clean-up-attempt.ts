import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import type { Attempt, JournalFile } from '../journal/journal.ts'
import { removeEtcdData, removeRemains } from '../machine/kubeadm/remove-remains.ts'
import { mayBeInEtcd } from '../plan/recovery.ts'

/**
 * Takes away what a join of this agent left in the network, compared with the journal's record of the network before.
 * It also removes the data of its member of etcd, once that is out. Returns what it did, in words. It does nothing
 * unless an attempt of this machine failed and was reported, or an earlier join is being taken back.
 */
export const cleanUpAttempt = async (journal: JournalFile, files: Files, exec: Exec): Promise<string[]> => {
  const { attempt, joined } = await journal.read()
  if (joined?.resetting) return cleanUpJoin(files, exec, joined)
  if (attempt?.failure === undefined || !attempt.reported || attempt.untouched || mayBeInEtcd(attempt)) return []
  return cleanUpJoin(files, exec, attempt)
}

const cleanUpJoin = async (
  files: Files,
  exec: Exec,
  { before, controlPlane }: Pick<Attempt, 'before' | 'controlPlane'>
): Promise<string[]> => [
  ...(await removeRemains(files, exec, before)),
  // kubeadm removes it only if it could ask the cluster for its configuration
  ...(controlPlane?.ownEtcdData ? await removeEtcdData(files, exec) : [])
]
