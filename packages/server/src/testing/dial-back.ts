export type { Dialled, Knocked } from '../core/ports/dialler.ts'
export { Dialler } from '../core/ports/dialler.ts'
export { tcpDialler } from '../features/dial-back/tcp-dialler.ts'
