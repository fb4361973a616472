export { releaseProblems } from '../release/judge-program.ts'
