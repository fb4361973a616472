export { type InitOptions, init } from '../core/config/init/init.ts'
