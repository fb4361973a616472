export { connect, type SocketClient } from '../session/client.ts'
