import type { CodeRequest } from '@joinery/protocol'
import { isNamePattern, isNodeName } from '@joinery/protocol/browser'

/** The wizard's fields, as a person fills them in. */
export interface CodeForm {
  role: 'worker' | 'control-plane'
  /** `asks`: the machine asks for a name. */
  naming: 'asks' | 'exact' | 'pattern'
  name: string
  uses: string
  /** Lifetime in seconds. */
  ttl: number
  /** Networks, one a line or separated by commas. */
  from: string
  /** Labels, one a line or separated by commas. */
  labels: string
}

export const emptyForm: CodeForm = {
  role: 'worker',
  naming: 'asks',
  name: '',
  uses: '1',
  ttl: 1800,
  from: '',
  labels: ''
}

/** Lifetimes that the wizard offers, in seconds. */
export const lifetimesOffered: readonly [seconds: number, words: string][] = [
  [900, '15 minutes'],
  [1800, '30 minutes'],
  [3600, '1 hour'],
  [8 * 3600, '8 hours'],
  [24 * 3600, '1 day'],
  [7 * 24 * 3600, '7 days']
]

export type FormErrors = Partial<Record<keyof CodeForm, string>>

const words = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((word) => word.trim())
    .filter(Boolean)

const usesAtMost = 1000

/** The mistakes of each field, in words. Empty if the server has something to judge. */
export const errorsOf = (form: CodeForm): FormErrors => {
  const errors: FormErrors = {}
  const name = form.name.trim()
  const uses = Number(form.uses)
  if (form.naming === 'exact' && !isNodeName(name))
    errors.name = 'A name has lower-case letters, digits and dashes, such as worker-1.'
  if (form.naming === 'pattern' && !isNamePattern(name))
    errors.name = 'A pattern is a name with one {n} in it, such as worker-{n}.'
  if (!Number.isInteger(uses) || uses < 1 || uses > usesAtMost)
    errors.uses = `The number of machines is from 1 to ${usesAtMost}.`
  else if (form.naming === 'exact' && uses > 1)
    errors.uses = 'One name is for one machine. Choose a pattern for several.'
  const network = words(form.from).find((word) => !/^[0-9a-fA-F.:]+\/\d{1,3}$/.test(word))
  if (network !== undefined) errors.from = `${network} is no network. One looks like 10.0.4.0/24.`
  const label = words(form.labels).find((word) => !/^[^=\s]+=[^=\s]*$/.test(word))
  if (label !== undefined) errors.labels = `${label} is no label. One looks like rack=r7.`
  return errors
}

/** The request for a code that the form says. Only for a form without errors. */
export const requestOf = (form: CodeForm): CodeRequest => {
  const { role, naming, ttl } = form
  const [from, labels] = [words(form.from), words(form.labels)]
  return {
    role,
    ttl,
    ...(naming === 'asks' ? {} : { name: form.name.trim() }),
    ...(Number(form.uses) > 1 ? { uses: Number(form.uses) } : {}),
    ...(from.length > 0 ? { from } : {}),
    ...(labels.length > 0
      ? { labels: Object.fromEntries(labels.map((label) => label.split('=') as [string, string])) }
      : {})
  }
}
