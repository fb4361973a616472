export type { Dialled, Knocked } from '../dial-back/dialler.ts'
export { Dialler } from '../dial-back/dialler.ts'
export { tcpDialler } from '../dial-back/tcp-dialler.ts'
