export { rotateKeys } from '../rotation/rotate-keys.ts'
