import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import type { Attempt, JournalFile } from '../journal/journal.ts'
import { removeEtcdData, removeRemains } from '../machine/kubeadm/remove-remains.ts'
import { mayBeInEtcd } from '../plan/recovery.ts'

/**
 * Takes away what a join of this agent left in the network, by what the journal says was there before it, and the data of its
 * member of etcd, once that is out. Gives what it did, in words: nothing where no attempt of this machine failed and was
 * reported, and no earlier join is being taken back.
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
  // kubeadm does it only where it could ask the cluster for its configuration
  ...(controlPlane?.ownEtcdData ? await removeEtcdData(files, exec) : [])
]
