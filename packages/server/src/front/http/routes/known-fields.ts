import type { TSchema } from 'typebox'

/** The parts of a JSON schema by which fields are known. */
interface Shape {
  const?: unknown
  type?: string
  properties?: Readonly<Record<string, Shape>>
  items?: Shape
  anyOf?: readonly Shape[]
}

/**
 * The value without the fields that its schema does not know, however deep: a newer agent may say more than this server reads. It
 * is the same value if it has none. The schema judges what is left, as ever, so nothing unknown is stored, hashed or shown. In a
 * union, the fields of the one form that the value may have are known.
 */
export const knownFields = (schema: TSchema, value: unknown): unknown => known(schema as Shape, value)

const known = (shape: Shape, value: unknown): unknown => {
  const { properties, items, anyOf } = shape
  if (anyOf !== undefined) {
    const [form, another] = anyOf.filter((one) => mayBe(one, value))
    return form === undefined || another !== undefined ? value : known(form, value)
  }
  if (items !== undefined && Array.isArray(value))
    return same(
      value,
      value.map((item) => known(items, item))
    )
  if (properties === undefined || !isObject(value)) return value
  const entries = Object.entries(value)
  const own = entries.filter(([name]) => Object.hasOwn(properties, name))
  const left = own.map(([name, field]) => [name, known(properties[name] as Shape, field)] as const)
  const isSame = own.length === entries.length && left.every(([name, field]) => value[name] === field)
  return isSame ? value : Object.fromEntries(left)
}

const same = (before: readonly unknown[], after: readonly unknown[]): readonly unknown[] =>
  after.every((item, at) => item === before[at]) ? before : after

const mayBe = ({ type, properties = {} }: Shape, value: unknown): boolean => {
  if (type === 'null') return value === null
  return isObject(value) && Object.entries(properties).every(([name, field]) => isFixed(field, value[name]))
}

/** True if the field may have this value, as far as it says which one it has. */
const isFixed = (field: Shape, value: unknown): boolean => !('const' in field) || field.const === value

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
