export { AgentService } from '../services/agent-service.ts'
export { CodeService } from '../services/code-service.ts'
