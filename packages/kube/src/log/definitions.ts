import type { Manifest } from '../apply.ts'
import { headName, logGroup, logVersion, packedAtMost } from './kinds.ts'

/** Id, hash, digest or code of a message: it is short, and has no space and no control character. */
const word = (description: string) => ({
  type: 'string',
  description,
  minLength: 1,
  maxLength: 128,
  pattern: '^[!-~]+$'
})

const whole = (description: string, minimum = 0) => ({
  type: 'integer',
  format: 'int64',
  description,
  minimum,
  maximum: Number.MAX_SAFE_INTEGER
})

/** Bytes in base64. Only the server reads them. */
const packed = (description: string) => ({
  type: 'string',
  description,
  maxLength: packedAtMost,
  pattern: '^[A-Za-z0-9+/]*={0,2}$'
})

const object = (description: string, properties: Record<string, object>) => ({
  type: 'object',
  description,
  properties,
  required: Object.keys(properties)
})

const format = whole('Format of the object. A server that does not know it stays passive.', 1)
const log = word('Id of the log.')
const number = whole('Number of the last batch.')
const mac = word('Code by which a server sees that a server wrote the object.')

/**
 * Rule by which the head goes forward, also if it becomes that of another log: otherwise two changes of the id would bring an older head
 * back.
 */
const headForward = {
  rule: 'self.number >= oldSelf.number && self.term >= oldSelf.term',
  message: 'it never goes back'
}

/** Rule by which a document goes forward, as long as it is of one log. */
const documentForward = {
  rule: 'self.log != oldSelf.log || self.number >= oldSelf.number',
  message: 'it never goes back'
}

const column = (name: string, type: 'string' | 'integer', description: string) => ({
  name,
  type,
  jsonPath: `.spec.${name.toLowerCase()}`,
  description
})
const age = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since the object was made.'
}

const definition = (kind: string, columns: object[], schema: object): Manifest => {
  const singular = kind.toLowerCase()
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${singular}s.${logGroup}` },
    spec: {
      group: logGroup,
      scope: 'Namespaced',
      conversion: { strategy: 'None' },
      names: { kind, listKind: `${kind}List`, plural: `${singular}s`, singular },
      versions: [
        {
          name: logVersion,
          served: true,
          storage: true,
          additionalPrinterColumns: [...columns, age],
          schema: { openAPIV3Schema: schema }
        }
      ]
    }
  } as Manifest
}

const schema = (description: string, spec: object, rules?: object[]) => ({
  type: 'object',
  description,
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    spec
  },
  required: ['spec'],
  ...(rules && { 'x-kubernetes-validations': rules })
})

const head = definition(
  'LogHead',
  [
    column('Number', 'integer', 'Number of the last batch.'),
    column('Term', 'integer', 'Number of the change of servers.'),
    column('Holder', 'string', 'Server that wrote last.')
  ],
  schema(
    'LogHead is the end of the log of the pairing servers. It is theirs alone, and to lose it is to lose what they know.',
    {
      ...object('Spec is the last batch, and what its documents add up to.', {
        format,
        log,
        number,
        hash: word('Hash of the last batch, and by it of all before.'),
        term: whole('Number of the change of servers.'),
        holder: { type: 'string', description: 'Server that wrote last.', maxLength: 253, pattern: '^[^\\p{Cc}]*$' },
        documents: word('Digest of all documents.'),
        batches: {
          type: 'array',
          description: 'Batches whose documents are not all written yet.',
          maxItems: 10_000,
          items: object('Batch is what was committed at once.', {
            number: whole('Number of the batch.'),
            term: whole('Term in which the batch was written.'),
            text: packed('Documents of the batch, packed.')
          })
        },
        mac
      }),
      'x-kubernetes-validations': [headForward]
    },
    [{ rule: `self.metadata.name == '${headName}'`, message: `its name is ${headName}` }]
  )
)

const document = definition(
  'LogDocument',
  [column('Number', 'integer', 'Number of the batch that wrote the document last.')],
  schema('LogDocument is one document of the log of the pairing servers. It is theirs alone.', {
    ...object('Spec is the document, packed.', { format, log, number, text: packed('The document, packed.'), mac }),
    'x-kubernetes-validations': [documentForward]
  })
)

/** The CustomResourceDefinitions of the log, one for each kind. */
export const logDefinitions: readonly Manifest[] = [head, document]
