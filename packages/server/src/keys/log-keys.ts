import { hkdfSync } from 'node:crypto'
import { idOfMasterKey } from './key-files.ts'
import type { MasterKey } from './master-keys.ts'

/** The keys of the log that follow from one master key. */
export interface LogKeys {
  /** Name of the master key in the log. The first one is called 1. */
  id: string
  /** Key of the HMAC over the head. */
  head: Buffer
  /** Key of the HMAC over one document. */
  document: Buffer
  /** Key of the digest of all documents. */
  digest: Buffer
}

/** The keys of the log for each master key, the oldest first. What is written is by the last one; what is read may be by any. */
export const logKeys = (masterKeys: readonly MasterKey[]): LogKeys[] =>
  masterKeys.map(({ file, key }) => {
    const derive = (what: string): Buffer => Buffer.from(hkdfSync('sha256', key, '', `joinery log ${what}`, 32))
    return {
      id: idOfMasterKey(file) ?? '1',
      head: derive('head'),
      document: derive('document'),
      digest: derive('digest')
    }
  })
