import { given } from '@joinery/protocol/given'

/** Type of a variable, as CEL calls it. */
export type Kind = 'string' | 'int' | 'bool' | 'list(string)' | 'map(string, string)' | 'timestamp'

/**
 * Weight of a variable in the question which machine this is:
 * - claim: the machine says so, and root on any machine can say anything
 * - proof: the server saw or gave it, and another machine does not have it by saying so
 * - fact: the server knows it, and it tells nothing about which machine this is
 */
export type Standing = 'claim' | 'proof' | 'fact'

export interface Variable<K extends Kind = Kind> {
  readonly kind: K
  readonly standing: Standing
  readonly help: string
  /**
   * Pattern of the shortest beginning of a proof that tells some machines from others. If absent, any text does: somebody who may
   * approve chose the value.
   */
  readonly beginning?: RegExp
}

const claim = <const K extends Kind>(kind: K, help: string) => ({ kind, standing: 'claim' as const, help })
const proof = <const K extends Kind>(kind: K, help: string, beginning?: RegExp) => ({
  kind,
  standing: 'proof' as const,
  help,
  ...given({ beginning })
})
const fact = <const K extends Kind>(kind: K, help: string) => ({ kind, standing: 'fact' as const, help })

/** Every variable of a rule. docs/reference/policy.md is made from this table. */
export const variables = {
  machine: {
    serial: claim('string', 'serial number'),
    productUuid: claim('string', 'UUID of the board, from DMI'),
    machineId: claim('string', '`/etc/machine-id`'),
    macs: claim('list(string)', 'MAC addresses, in lower case'),
    addresses: claim('list(string)', 'IP addresses that the machine says it has'),
    hostname: claim('string', 'host name'),
    os: claim('string', 'operating system, such as `Debian GNU/Linux 13 (trixie)`'),
    kernel: claim('string', 'version of the kernel'),
    arch: claim('string', 'processor architecture, such as `x86_64`'),
    cpus: claim('int', 'number of processors'),
    memory: claim('int', 'memory, in bytes'),
    kubelet: claim('string', 'version of the kubelet, such as `v1.37.2`'),
    kubeadm: claim('string', 'version of kubeadm'),
    runtime: claim('string', 'container runtime with its version'),
    failing: claim('list(string)', 'names of the preflight checks that fail'),
    warning: claim('list(string)', 'names of the preflight checks that warn')
  },
  seen: {
    address: proof('string', 'IP address at which the server sees the machine', /^[0-9a-f]+[.:]/i),
    key: proof(
      'string',
      "fingerprint of the agent's key, `sha256:` and 64 digits; the machine proved that it has the key",
      // a machine may try keys until one begins as it likes: 80 bits are too many tries
      /^sha256:[0-9a-f]{20}/i
    ),
    nameFree: fact('bool', 'true if nothing else has or wants the name'),
    conflicts: fact('int', 'number of other keys that presented the code'),
    unique: fact('bool', 'true if no other machine has one of its identities, as far as the server knows')
  },
  code: {
    id: proof('string', 'id of the code that the machine came with', /^[0-9a-f]{8}/i),
    name: proof(
      'string',
      'node name, or pattern of names, that the code gives; empty if the machine asks for its name'
    ),
    role: fact('string', '`worker` or `control-plane`'),
    from: proof('list(string)', 'networks from which a machine must come with this code'),
    labels: proof('map(string, string)', 'labels that the Node gets by the code')
  },
  role: fact('string', '`worker` or `control-plane`, by the code'),
  name: claim('string', 'node name that the machine gets; the machine asks for it, unless its code gives one'),
  now: fact('timestamp', 'time at which the rule is judged; its parts, such as `now.getHours()`, are in UTC')
} as const satisfies Record<string, Variable | Record<string, Variable>>

type Value<K> = K extends 'int'
  ? number
  : K extends 'bool'
    ? boolean
    : K extends 'list(string)'
      ? readonly string[]
      : K extends 'map(string, string)'
        ? Readonly<Record<string, string>>
        : string

type Values<Table> = { [Name in keyof Table]: Table[Name] extends Variable<infer K> ? Value<K> : Values<Table[Name]> }

/** Values of the variables, for one machine. A timestamp is a text as ISO 8601 has it. */
export type Evidence = Omit<Values<typeof variables>, 'code'> & { code: Partial<Values<typeof variables>['code']> }

/** The variables by their full names, such as `machine.serial`. */
export const variableRows: ReadonlyMap<string, Variable> = new Map(
  Object.entries(variables).flatMap(([name, entry]: [string, Variable | Record<string, Variable>]) =>
    isVariable(entry)
      ? [[name, entry] as const]
      : Object.entries(entry).map(([field, variable]) => [`${name}.${field}`, variable] as const)
  )
)

function isVariable(entry: Variable | Record<string, Variable>): entry is Variable {
  return typeof entry.kind === 'string'
}

/** Names of the groups of variables, such as `machine`. */
export const variableGroups: ReadonlySet<string> = new Set(
  [...variableRows.keys()].filter((name) => name.includes('.')).map((name) => name.slice(0, name.indexOf('.')))
)

/** Variables that may change while the machine and its revision stay as they are: by time, and by what becomes of others. */
export const movingVariables: readonly string[] = ['now', 'seen.nameFree', 'seen.unique', 'seen.conflicts']

/** Variables of the code that are proof only if whoever made the code may approve. */
export const proofsOfCode: readonly string[] = [...variableRows]
  .filter(([name, { standing }]) => name.startsWith('code.') && standing === 'proof')
  .map(([name]) => name)

/** Variables about the code that an enrolment does not have itself. Without the code they have no value. */
export const variablesOfCode: readonly string[] = ['code.name', 'code.role', 'code.from']
