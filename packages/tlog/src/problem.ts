/** Everything that can be wrong with a log, its checkpoints, proofs and keys. The text says what the code means. */
export const faults = {
  'key-malformed': 'The text of a key is not in the form of a verifier key or a signer key.',
  'note-malformed': 'A signed note is not in the form of one.',
  'note-unsigned': 'A note has no signature of the key.',
  'signature-wrong': 'A signature has the name and the id of the key, but is not made with it.',
  'checkpoint-malformed': 'The text of a checkpoint is not in the form of one.',
  'other-origin': 'A checkpoint is signed by the key, but is of another log.',
  'proof-malformed': 'The text of a proof is not in the form of one.',
  'proof-wrong': 'A proof does not show that the leaf is in the log.',
  'tile-missing': 'A tile of the tree is gone.',
  'tile-malformed': 'A tile of the tree has another length than it must have.',
  'tile-changed': 'A tile of the tree is not what it was.',
  'entries-missing': 'A bundle of leaves is gone.',
  'entries-malformed': 'A bundle of leaves cannot be read.',
  'leaf-changed': 'A leaf is not what it was.',
  'leaf-removed': 'A leaf was taken out of its bundle.',
  'leaf-added': 'A bundle has a leaf that was not there.',
  'leaf-moved': 'A leaf stands in the place of another one.',
  'root-differs': 'Leaves and tiles agree with each other, but not with the signed checkpoint.',
  fork: 'Two checkpoints of one size are both signed, and say different things.',
  rewritten: 'A signed checkpoint that was kept elsewhere does not fit the leaves of this log.',
  'tail-cut': 'A signed checkpoint that was kept elsewhere has more leaves than this log.',
  'leaf-too-large': 'A leaf has more bytes than an entry may have.',
  'tree-damaged': 'The state that an append goes on from is not whole.',
  'out-of-range': 'The log has no such leaf, or no such size.'
} as const

export type Fault = keyof typeof faults

/** One thing that is wrong. */
export interface Finding {
  code: Fault
  /** Cause in plain words. */
  detail: string
  /** Leaves that it is about, by their numbers from 0. Absent if no leaf can be named. */
  leaves?: { first: number; last: number }
  /** Path of the tile or bundle that it is about. */
  path?: string
  /** Name of the kept checkpoint that it is about. */
  known?: string
}

/** Error with the code of what is wrong. */
export class LogProblem extends Error {
  readonly finding: Finding

  constructor(finding: Finding) {
    super(finding.detail)
    this.name = 'LogProblem'
    this.finding = finding
  }

  get code(): Fault {
    return this.finding.code
  }
}

/** Makes a problem that is about no leaf or file. */
export const problem = (code: Fault, detail: string): LogProblem => new LogProblem({ code, detail })
