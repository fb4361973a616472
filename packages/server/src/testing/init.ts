export { type InitOptions, init } from '../init/init.ts'
