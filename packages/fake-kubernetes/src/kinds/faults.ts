import type { Fault } from '../objects/refused.ts'

type Make = (field: string, value: unknown, detail: string) => Fault

const shownFault =
  (reason: string, title: string): Make =>
  (field, value, detail) => ({
    reason,
    field,
    message: `${title}: ${JSON.stringify(value ?? null)}${detail === '' ? '' : `: ${detail}`}`
  })

const hiddenFault =
  (reason: string, title: string) =>
  (field: string, detail = ''): Fault => ({ reason, field, message: detail === '' ? title : `${title}: ${detail}` })

// titles and reasons: apimachinery, field/errors.go
export const invalidValue = shownFault('FieldValueInvalid', 'Invalid value')
export const invalidType = shownFault('FieldValueTypeInvalid', 'Invalid value')
export const invalidHidden = hiddenFault('FieldValueInvalid', 'Invalid value')
export const requiredField = hiddenFault('FieldValueRequired', 'Required value')
export const forbiddenField = hiddenFault('FieldValueForbidden', 'Forbidden')

/** The fault, if it is one. */
export const when = (isFault: boolean, fault: Fault): Fault[] => (isFault ? [fault] : [])

export const duplicate = (field: string, value: unknown): Fault =>
  shownFault('FieldValueDuplicate', 'Duplicate value')(field, value, '')

export const tooLong = (field: string, bytes: number): Fault =>
  hiddenFault('FieldValueTooLong', 'Too long')(field, `may not be more than ${bytes} bytes`)

export const tooMany = (field: string, items: number, most: number): Fault =>
  shownFault('FieldValueTooMany', 'Too many')(field, items, `must have at most ${most} items`)

export const notSupported = (field: string, value: unknown, values: readonly unknown[]): Fault =>
  shownFault('FieldValueNotSupported', 'Unsupported value')(
    field,
    value,
    `supported values: ${values.map((one) => JSON.stringify(one)).join(', ')}`
  )
