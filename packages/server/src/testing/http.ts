export { agentsTls } from '../front/http/agents-tls.ts'
