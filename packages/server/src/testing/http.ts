export { agentsTls } from '../http/agents-tls.ts'
