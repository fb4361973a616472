export { AgentService } from '../core/services/agent-service.ts'
export { OtherServers } from '../core/services/code/other-servers.ts'
export { CodeService } from '../core/services/code-service.ts'
