/**
 * Fields of a leaf of the audit log, each with what it is. A field that an event does not have is absent. None is a secret: a token
 * has its id here, and a certificate its serial.
 */
export const leafFields = {
  name: 'name of the Node, or the name or the pattern of names that a code gives',
  role: 'role of the machine: `worker` or `control-plane`',
  code: 'id of the code that the machine used',
  key: "fingerprint of the key of the machine's agent",
  otherKey: 'fingerprint of the other key, if two keys came with one code, or one key with two machines',
  address: 'address at which the server saw the machine',
  machineId: 'machine id, as the machine says it',
  productUuid: 'UUID of the hardware, as the machine says it',
  revision: 'revision that the approval was of',
  attempt: 'number of the attempt',
  token: 'id of the bootstrap token of the attempt',
  credentialCsr: 'name of the CSR by which the server asked for the client certificate of the attempt',
  credentialSerial: 'serial number of that client certificate',
  csr: "name of the kubelet's CSR",
  csrUid: "uid of the kubelet's CSR",
  serial: "serial number of the kubelet's certificate",
  certificateKey: "fingerprint of the key of the kubelet's certificate",
  node: 'uid of the Node',
  confirmed: 'whether the agent confirmed that the Node is Ready',
  failedBy: '`server` if the server ended the attempt, and `machine` if the machine reported the failure',
  uses: 'number of machines that the code is for',
  expires: 'time until which a machine may use the code for the first time',
  from: 'networks from which a machine must come',
  credential: 'credential kind: `token` or `certificate`',
  detail: 'words of the server about the event, or of the operator who decided',
  log: 'origin of the log that this leaf closes, or that was before this one',
  size: 'number of leaves of that log',
  root: 'hash of that log, in base64'
} as const
export type LeafField = keyof typeof leafFields
