import type { Files } from '@joinery/host/files'
import type { JournalFile } from '../journal/journal.ts'
import { nodeNameOf } from '../machine/kubeadm/node-name.ts'

/** The name of this machine's Node: of the agent's journal, else as the machine says. It may have joined without an agent. */
export const nodeNameHere = async (files: Pick<Files, 'read'>, journal: Pick<JournalFile, 'read'>): Promise<string> => {
  const { attempt, joined } = await journal.read()
  return joined?.nodeName ?? attempt?.nodeName ?? nodeNameOf(files)
}
