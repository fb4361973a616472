export { releaseProblems } from '../release/judge-program.ts'
export { namespace, signerOf } from '../release/signature.ts'
export { readSums } from '../release/sums.ts'
