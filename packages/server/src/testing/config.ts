export { loadConfig, ServerConfig } from '../config/config.ts'
