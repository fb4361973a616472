/** A reason why a release is not finished: a stable code, the cause in plain words, and what to do. */
export interface Fault {
  code: FaultCode
  cause: string
  remedy: string
}

export type FaultCode =
  | 'release-missing'
  | 'sums-unreadable'
  | 'file-missing'
  | 'file-changed'
  | 'file-unlisted'
  | 'signature-missing'
  | 'signature-wrong'
  | 'key-expired'
  | 'tag-wrong'
  | 'tag-taken'
