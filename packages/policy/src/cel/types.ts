import type { CelType } from '@bufbuild/cel'
import type { Kind } from '../words/variables.ts'

/** Type of a value, as far as it is known before a machine is judged. `dyn` may be anything. */
export type Type = { readonly is: 'scalar'; readonly name: string } | { readonly is: 'list' | 'map'; readonly of: Type }

const scalar = (name: string): Type => ({ is: 'scalar', name })
const list = (of: Type): Type => ({ is: 'list', of })
const map = (of: Type): Type => ({ is: 'map', of })

export const dyn = scalar('dyn')
export const bool = scalar('bool')
export const string = scalar('string')
export const int = scalar('int')

export const ofKind: Readonly<Record<Kind, Type>> = {
  string,
  int,
  bool,
  timestamp: scalar('timestamp'),
  'list(string)': list(string),
  'map(string, string)': map(string)
}

export const listOf = list
export const mapOf = map
export const scalarOf = scalar

/** The type as the library declares it. */
export const ofLibrary = (type: CelType): Type => {
  switch (type.kind) {
    case 'list':
      return list(ofLibrary(type.element))
    case 'map':
      return map(ofLibrary(type.value))
    case 'object':
      return scalar(type.name.replace('google.protobuf.', '').toLowerCase())
    case 'scalar':
      return scalar(type.name)
  }
}

export const isDyn = (type: Type): boolean => type.is === 'scalar' && type.name === 'dyn'

export const isScalar = (type: Type, ...names: readonly string[]): boolean =>
  isDyn(type) || (type.is === 'scalar' && names.includes(type.name))

/** True if a value of the one type can be one of the other. */
export const mayBe = (one: Type, other: Type): boolean => {
  if (isDyn(one) || isDyn(other)) return true
  if (one.is === 'scalar' || other.is === 'scalar') {
    return one.is === 'scalar' && other.is === 'scalar' && one.name === other.name
  }
  return one.is === other.is && mayBe(one.of, other.of)
}

const numbers = ['int', 'uint', 'double']

/** True if two values of these types can be equal. */
export const canEqual = (one: Type, other: Type): boolean =>
  mayBe(one, other) || (isScalar(one, ...numbers) && isScalar(other, ...numbers))

/** The type of a value that has one of these types. */
export const joined = (types: readonly Type[]): Type => {
  const [first = dyn, ...others] = types
  return others.every((other) => inWords(other) === inWords(first)) ? first : dyn
}

/** The type as a message has it. */
export const inWords = (type: Type): string => (type.is === 'scalar' ? type.name : `${type.is}(${inWords(type.of)})`)
