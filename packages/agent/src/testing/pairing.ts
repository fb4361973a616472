export { Door } from '../pairing/door.ts'
export { httpPairingServer } from '../pairing/http-pairing-server.ts'
export { PairingServer, Refused, Unreachable } from '../pairing/pairing-server.ts'
export { tcpDoor } from '../pairing/tcp-door.ts'
