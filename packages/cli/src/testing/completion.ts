export { scripts } from '../completion/scripts.ts'
