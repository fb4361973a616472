import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '@joinery/host/write-durably'
import type { Receipts } from './decide-skips.ts'

const none: Receipts = { runsSinceAll: 0, passed: {} }

const fileIn = (cache: string): string => join(cache, 'receipts.json')
const proposalIn = (cache: string): string => join(cache, 'receipts.proposed.json')

/** readReceipts gives the receipts beside the bed's cache. A file that is absent or broken proves nothing: then all suites are played. */
export const readReceipts = async (cache: string): Promise<Receipts> => {
  try {
    const { runsSinceAll, passed } = JSON.parse(await readFile(fileIn(cache), 'utf8'))
    return Number.isInteger(runsSinceAll) && passed instanceof Object ? { runsSinceAll, passed } : none
  } catch {
    return none
  }
}

/** proposeReceipts writes what will stand if the whole run, of which the suites are one step, is green. */
export const proposeReceipts = async (cache: string, receipts: Receipts): Promise<void> => {
  await mkdir(cache, { recursive: true, mode: 0o700 })
  await writeDurably(proposalIn(cache), JSON.stringify(receipts, undefined, 2))
}

/** dropProposal takes away what an earlier run proposed and never kept. */
export const dropProposal = (cache: string): Promise<void> => rm(proposalIn(cache), { force: true })

/** keepReceipts is for the end of a run that was green as a whole, without a flake: its proposal stands from now on. */
export const keepReceipts = async (cache: string): Promise<void> => {
  await rename(proposalIn(cache), fileIn(cache)).catch((error: NodeJS.ErrnoException) => {
    // some suites were not run, or there is no bed here
    if (error.code !== 'ENOENT') throw error
  })
}
