import { parseCode } from '@joinery/protocol'

/**
 * Stands where a code stood. As long as a code, so that what holds it keeps its form (a pickle counts bytes), and no code:
 * where cloud-init writes its files again, this is what comes into the code file.
 */
export const spentCode = 'jny-code-removed-after-enrolment'

/** The text with every code in it replaced. */
export const withoutCodes = (text: string): string =>
  text.replace(/jny_[0-9a-z]{28}/gi, (found) => (typeof parseCode(found) === 'string' ? spentCode : found))

/** What a code file holds, unless its code is spent. */
export const unspent = (text: string | undefined): string | undefined => (text?.trim() === spentCode ? undefined : text)
