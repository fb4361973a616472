import { X509Certificate } from 'node:crypto'
import type { Files } from '@joinery/host/files'
import type { JournalFile } from '../journal/journal.ts'
import { paths } from '../machine/host/paths.ts'

/**
 * The name of this machine's Node: of the agent's journal, else the one in the kubelet's certificate, else the name of the machine. Each
 * of them is tried, because a machine may have joined without an agent.
 */
export const nodeNameHere = async (files: Pick<Files, 'read'>, journal: Pick<JournalFile, 'read'>): Promise<string> => {
  const { attempt, joined } = await journal.read()
  const kept = joined?.nodeName ?? attempt?.nodeName
  if (kept !== undefined) return kept
  return nameIn((await files.read(paths.kubeletCertificate)) ?? '') ?? ((await files.read(paths.hostname)) ?? '').trim()
}

const nameIn = (pem: string): string | undefined => {
  try {
    return /CN=system:node:(\S+)/.exec(new X509Certificate(pem).subject)?.[1]
  } catch {
    return undefined
  }
}
