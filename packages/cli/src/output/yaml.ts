import { Document, visit } from 'yaml'

/**
 * The same data as a YAML document in ASCII: a machine's text cannot steer the terminal that shows it. The version is
 * YAML 1.1, because many programs still read that: in it a MAC address without quotes may be a number.
 */
export const toYaml = (data: unknown): string => `---\n${asciiText(new Document(data, { version: '1.1' }))}`

/** The document's text in ASCII, without a directive. */
export const asciiText = (document: Document): string => {
  visit(document, {
    Scalar: (_, scalar) => {
      // only a quoted string can hold escapes
      if (typeof scalar.value === 'string' && /[^\n\x20-\x7e]/.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE'
    }
  })
  return document.toString({ directives: false, lineWidth: 0 }).replace(/[^\n\x20-\x7e]/gu, escaped)
}

const escaped = (character: string): string => `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`
