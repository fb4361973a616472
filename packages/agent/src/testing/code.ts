export { codeCredential } from '../code/code-source.ts'
export { spentCode } from '../code/spent-code.ts'
