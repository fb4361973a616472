export { connect, type OperatorClient } from '../session/client.ts'
