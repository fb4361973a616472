export interface Setting {
  key: string
  value: string
  /** What holds without it. */
  otherwise: string
}

/** What is read of a JSON schema. */
interface Schema {
  properties?: Record<string, Schema>
  items?: Schema
  required?: string[]
  description?: string
  enum?: string[]
  default?: unknown
}

/** The keys of a configuration, those in sections as `section.key`, and those in a list of sections as `list[].key`. */
export const settings = (schema: object, section = ''): Setting[] => {
  const { properties = {}, required = [] } = schema as Schema
  return Object.entries(properties).flatMap(([name, property]) => {
    const key = `${section}${name}`
    if (property.properties !== undefined) return settings(property, `${key}.`)
    if (property.items?.properties !== undefined) return settings(property.items, `${key}[].`)
    const { description = '', enum: values } = property
    const value = [values?.map((one) => `\`${one}\``).join(' or '), description].filter(Boolean).join(': ')
    return [{ key, value, otherwise: otherwise(property, required.includes(name)) }]
  })
}

const otherwise = (property: Schema, required: boolean): string => {
  if (property.default !== undefined) return `\`${property.default}\``
  return required ? 'required' : 'none'
}
