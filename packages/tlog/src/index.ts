export { type Appended, appendLeaves, emptyTree, rootOfTree, type Tree, type Write } from './append.ts'
export { base64Of } from './base64.ts'
export {
  type Checkpoint,
  checkpointText,
  type Head,
  openCheckpoint,
  readCheckpoint,
  signCheckpoint
} from './checkpoint.ts'
export { tilesIn } from './folder.ts'
export { emptyRoot, type Hash, leafHash, nodeHash } from './hash.ts'
export { keyId, readSignerKey, readVerifierKey, type Signer, signerKey, type Verifier, verifierKey } from './key.ts'
export { signNote, type VerifiedNote, verifyNote } from './note.ts'
export { type Fault, type Finding, faults, LogProblem } from './problem.ts'
export {
  type Consistency,
  consistencyProof,
  type Inclusion,
  inclusionProof,
  rootAt,
  verifyConsistency,
  verifyInclusion
} from './proof.ts'
export { type LogProof, type Proven, proofText, readProof, verifyProof } from './proof-text.ts'
export { type Entry, type Log, openLog, type ReadTile, readTree } from './read.ts'
export { leafSizeAtMost, pathsOf } from './tile.ts'
export { type Kept, type LogToVerify, type Verification, verifyLog } from './verify.ts'
