export { ServerConfig } from '../config/config.ts'
