import {
  CodeSpec,
  CodeStatusView,
  CodeTemplateSpec,
  DecisionSpec,
  DecisionStatus,
  EnrolmentView,
  InstallationView,
  installationName
} from '@joinery/protocol/door'
import type { Manifest } from '../apply.ts'
import { doorGroup, doorVersion, type Resource } from './kinds.ts'
import { type JsonSchema, type Rules, structural } from './structural.ts'

interface Kind {
  kind: string
  plural: Resource
  shortNames: string[]
  description: string
  spec?: JsonSchema
  status?: JsonSchema
  rules?: Rules
  columns: Column[]
  /** Fields of `--field-selector`. */
  selectable?: string[]
}

interface Column {
  name: string
  jsonPath: string
  type?: 'string' | 'integer' | 'date'
  description: string
  /** True if only `-o wide` shows the column. */
  wide?: boolean
}

const age: Column = {
  name: 'Age',
  jsonPath: '.metadata.creationTimestamp',
  type: 'date',
  description: 'Time since the object was made.'
}

/** Word by which kubectl lists the objects of all kinds: `kubectl get joinery`. */
const category = 'joinery'

const never = { rule: 'self == oldSelf', message: 'nobody changes it: make another one' }

const kinds: readonly Kind[] = [
  {
    kind: 'Enrolment',
    plural: 'enrolments',
    shortNames: ['enr'],
    description:
      'Enrolment is one machine on its way into the cluster, as the pairing server sees it. It is a view: the server writes it, and never reads it.',
    status: EnrolmentView,
    columns: [
      { name: 'Node', jsonPath: '.status.name', description: 'Name of the Node.' },
      { name: 'State', jsonPath: '.status.state', description: 'State of the enrolment.' },
      { name: 'Role', jsonPath: '.status.role', description: 'Role of the machine.' },
      { name: 'Address', jsonPath: '.status.address', description: 'Address at which the server sees the machine.' },
      { name: 'Key', jsonPath: '.status.keyShort', description: 'Key to compare with the console.', wide: true },
      { name: 'Message', jsonPath: '.status.message', description: 'What the enrolment waits for.', wide: true },
      { name: 'Cause', jsonPath: '.status.cause.code', description: 'Why the Node is not Ready.', wide: true },
      age
    ],
    selectable: ['.status.state', '.status.name', '.status.role']
  },
  {
    kind: 'Decision',
    plural: 'decisions',
    shortNames: ['dec'],
    description:
      'Decision is what one operator decided about one enrolment. It is written once; the pairing server applies it once, and says so in its status.',
    spec: DecisionSpec,
    status: DecisionStatus,
    rules: {
      spec: [
        never,
        {
          rule: "(self.verdict == 'replace') == has(self.node)",
          message: 'replace names the Node that makes room, and nothing else does'
        },
        { rule: "self.verdict != 'reject' || (has(self.reason) && self.reason != '')", message: 'reject says why' }
      ]
    },
    columns: [
      { name: 'Enrolment', jsonPath: '.spec.enrolment', description: 'Id of the enrolment.' },
      { name: 'Verdict', jsonPath: '.spec.verdict', description: 'What the operator decided.' },
      { name: 'By', jsonPath: '.spec.by', description: 'Kubernetes user who decided.' },
      {
        name: 'Result',
        jsonPath: '.status.result',
        description: 'What became of the decision; empty while it is open.'
      },
      { name: 'Message', jsonPath: '.status.message', description: 'The result in one sentence.', wide: true },
      age
    ],
    selectable: ['.spec.enrolment', '.spec.by', '.status.result']
  },
  {
    kind: 'Code',
    plural: 'codes',
    shortNames: [],
    description:
      'Code is an invitation for one machine, or for several. The object has only the hash of the code. To delete it is to revoke the code.',
    spec: CodeSpec,
    status: CodeStatusView,
    rules: { '': [{ rule: 'self.metadata.name == self.spec.hash', message: 'its name is its hash' }], spec: [never] },
    columns: [
      { name: 'Node', jsonPath: '.spec.name', description: 'Name, or pattern of names, of the Node.' },
      { name: 'Role', jsonPath: '.spec.role', description: 'Role of the machine.' },
      { name: 'State', jsonPath: '.status.state', description: 'State of the code.' },
      {
        name: 'Used',
        jsonPath: '.status.used',
        type: 'integer',
        description: 'Number of machines that used the code.'
      },
      // no `date`: the API server prints that as the time since then, and `<invalid>` for what is still to come
      { name: 'Expires', jsonPath: '.spec.expires', description: 'Time until which a machine may use the code.' },
      age
    ],
    selectable: ['.spec.by']
  },
  {
    kind: 'CodeTemplate',
    plural: 'codetemplates',
    shortNames: [],
    description:
      'CodeTemplate is a code without its hash, for Git. It invites nobody: `joinery code create --template NAME` makes a Code of it.',
    spec: CodeTemplateSpec,
    columns: [
      { name: 'Node', jsonPath: '.spec.name', description: 'Name, or pattern of names, of the Node.' },
      { name: 'Role', jsonPath: '.spec.role', description: 'Role of the machine.' },
      age
    ]
  },
  {
    kind: 'Installation',
    plural: 'installations',
    shortNames: [],
    description:
      'Installation is what a machine needs to find and trust the pairing server. It is a view: the server writes it, and never reads it.',
    status: InstallationView,
    rules: {
      '': [{ rule: `self.metadata.name == '${installationName}'`, message: `its name is ${installationName}` }]
    },
    columns: [
      { name: 'Server', jsonPath: '.status.server', description: 'URL of the pairing server.' },
      { name: 'Pin', jsonPath: '.status.pin', description: "Fingerprint of the server's CA key." },
      age
    ]
  }
]

const definitionOf = (one: Kind): Manifest => {
  const { kind, plural, shortNames, description, spec, status, rules = {}, columns, selectable = [] } = one
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${doorGroup}` },
    spec: {
      group: doorGroup,
      scope: 'Cluster',
      conversion: { strategy: 'None' },
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        categories: [category],
        ...(shortNames.length > 0 && { shortNames })
      },
      versions: [
        {
          name: doorVersion,
          served: true,
          storage: true,
          ...(status && { subresources: { status: {} } }),
          ...(selectable.length > 0 && { selectableFields: selectable.map((jsonPath) => ({ jsonPath })) }),
          additionalPrinterColumns: columns.map(({ name, jsonPath, type = 'string', description, wide = false }) => ({
            name,
            jsonPath,
            type,
            description,
            ...(wide && { priority: 1 })
          })),
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description,
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                ...(spec && { spec: structural(spec, rules, 'spec') }),
                ...(status && { status: structural(status, rules, 'status') })
              },
              ...(spec && { required: ['spec'] }),
              ...(rules[''] && { 'x-kubernetes-validations': rules[''] })
            }
          }
        }
      ]
    }
  } as Manifest
}

/** The CustomResourceDefinitions of the door, one for each kind. */
export const definitions: readonly Manifest[] = kinds.map(definitionOf)
