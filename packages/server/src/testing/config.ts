export { clusterPartsOf } from '../core/config/cluster-parts.ts'
export { loadConfig, ServerConfig } from '../core/config/config.ts'
