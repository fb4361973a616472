export type { Dialled, Knocked } from '../features/dial-back/dialler.ts'
export { Dialler } from '../features/dial-back/dialler.ts'
export { tcpDialler } from '../features/dial-back/tcp-dialler.ts'
