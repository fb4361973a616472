import type { Meta } from '../objects/kube-object.ts'
import type { Fault } from '../objects/refused.ts'
import { invalidValue, requiredField, tooLong, when } from './faults.ts'

/** Forms of names, with the longest length and the words about another one (apimachinery, util/validation). */
const forms = {
  subdomain: [
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    253,
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
  ],
  label: [
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    63,
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
  ],
  path: [/^(?!\.{1,2}$)[^/%]*$/, Number.POSITIVE_INFINITY, "may not contain '/'"]
} as const

export type NameForm = keyof typeof forms

/** Bytes that all annotations of an object may have together. */
const annotationBytes = 256 * 1024

/** Faults of the metadata of any object (apimachinery, ValidateObjectMeta). */
export const judgeMetadata = ({ name, annotations = {} }: Meta, form: NameForm): Fault[] => {
  const [pattern, most, words] = forms[form]
  const bytes = Buffer.byteLength(Object.entries(annotations).flat().join(''))
  if (!name) return [requiredField('metadata.name', 'name or generateName is required')]
  return [
    ...when(name.length > most, invalidValue('metadata.name', name, `must be no more than ${most} bytes`)),
    ...when(!pattern.test(name), invalidValue('metadata.name', name, words)),
    ...when(bytes > annotationBytes, tooLong('metadata.annotations', annotationBytes))
  ]
}

/** Merge keys of the metadata of any object. */
export const metadataKeys = { 'metadata.ownerReferences': ['uid'], 'metadata.finalizers': [] }
