import { parseCode } from '@joinery/protocol'

/**
 * The mark that stands in the place of a code. It is as long as a code, so that what holds it keeps its form (a
 * pickle counts bytes). It is no code: if cloud-init writes its files again, this mark comes into the code file.
 */
export const spentCode = 'jny-code-removed-after-enrolment'

/** The text with every code in it replaced. */
export const withoutCodes = (text: string): string =>
  text.replace(/jny_[0-9a-z]{28}/gi, (found) => (typeof parseCode(found) === 'string' ? spentCode : found))

/** The content of a code file, unless its code is spent. */
export const unspent = (text: string | undefined): string | undefined => (text?.trim() === spentCode ? undefined : text)
