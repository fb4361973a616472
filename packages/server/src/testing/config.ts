export { clusterPartsOf } from '../config/cluster-parts.ts'
export { loadConfig, ServerConfig } from '../config/config.ts'
