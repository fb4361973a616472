/**
 * Copy of the fields that have a value. Under `exactOptionalPropertyTypes` a field that may be absent must not be there as
 * `undefined`: spread this copy in its place.
 */
export const given = <Fields extends object>(fields: Fields): Given<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<Fields>

/** Fields that may each be absent, and have a value if they are there. */
export type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }
