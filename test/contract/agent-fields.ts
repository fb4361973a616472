/** The parts of a schema by which fields are known. */
interface Shape {
  properties?: Readonly<Record<string, Shape>>
  items?: Shape
  anyOf?: readonly Shape[]
}

/** The paths of all fields that bodies of this schema may have. */
export const fieldsOf = (schema: unknown, path = ''): string[] => {
  const { properties = {}, items, anyOf = [] } = schema as Shape
  const own = Object.entries(properties).flatMap(([name, field]) => {
    const at = path === '' ? name : `${path}.${name}`
    return [at, ...fieldsOf(field, at)]
  })
  const inItems = items === undefined ? [] : fieldsOf(items, `${path}[]`)
  return [...new Set([...own, ...inItems, ...anyOf.flatMap((form) => fieldsOf(form, path))])].sort()
}

const check = ['finding', 'ignored', 'mends', 'name', 'remedy', 'verdict', 'why'].map((name) => `preflight[].${name}`)
const facts = [
  'addresses',
  'arch',
  'cpus',
  'hostname',
  'kernel',
  'kubeadm',
  'kubelet',
  'machineId',
  'macs',
  'memory',
  'os',
  'productUuid',
  'runtime',
  'serial'
].map((name) => `facts.${name}`)
const observation = ['facts', ...facts, 'joinKey', 'preflight', ...check, 'sealKey']

/** Fields of each call in version 1 of the agents' API. A server of that version refuses any other. This never changes. */
export const firstFields: Readonly<Record<string, readonly string[]>> = {
  enrol: ['code', 'name', ...observation].sort(),
  wait: [],
  observe: observation,
  cluster: [],
  reachability: ['nonce', 'ports'],
  claim: ['preflight', ...check, 'request'],
  progress: ['attempt', 'stage'],
  outcome: [
    'attempt',
    'cause',
    'certificate',
    'certificate.fingerprint',
    'certificate.serial',
    'class',
    'outcome',
    'output',
    'remedy',
    'said',
    'said[].ago',
    'said[].line',
    'stage'
  ],
  reportCauses: [
    'causes',
    'causes[].code',
    'causes[].evidence',
    'causes[].from',
    'causes[].remedy',
    'causes[].since',
    'causes[].text'
  ],
  recover: ['bootId', 'current', 'facts', ...facts, 'fingerprint', 'joinKey', 'next', 'notAfter', 'reason', 'serial'],
  claimRecovery: ['interrupted', 'request']
}
