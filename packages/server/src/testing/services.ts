export { AgentService } from '../services/agent-service.ts'
export { OtherServers } from '../services/code/other-servers.ts'
export { CodeService } from '../services/code-service.ts'
