export { certificateRequest } from '../keys/certificate-request.ts'
export { type Identity, keptIdentity, loadIdentity } from '../keys/identity.ts'
export { type JoinKey, joinKeyFile } from '../keys/join-key.ts'
